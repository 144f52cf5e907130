"""Saved views of lists: who sees which, what a query may say, and the rows it means."""

from copy import copy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.models import SavedView
from core.ui.lookups import allowed_lookups

if TYPE_CHECKING:
    from core.ui.changelist import ChangeList

TAB = "tab"
OURS = {TAB, SEARCH_VAR, ORDER_VAR}
PASSING = {"p", "after", "exactly"}  # where somebody is in the list, not what he looks at
LONGEST = 1000
MOST = 12  # tabs of one list for one person
Pairs = list[tuple[str, str]]


def views_of(request: HttpRequest, model: type[Model]) -> list[SavedView]:
    """Return the views of a list that this person sees, in one statement: own ones and shared ones."""
    seen = Q(is_shared=True) | Q(owner=request.user.pk)
    return list(SavedView.objects.filter(seen, model=model._meta.label_lower).order_by("rank", "pk")[:MOST])


def pairs_of(query: str) -> Pairs:
    """Return what a query asks for, in a fixed order, without the place in the list."""
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=False, max_num_fields=40)
    return sorted(pair for pair in pairs if pair[0] not in PASSING)


def checked_query(model_admin: Any, request: HttpRequest, query: str) -> str:
    """Return the query as it is kept; InvalidInput for a parameter that the list does not declare, or for none."""
    try:
        pairs = pairs_of(query)
    except ValueError as error:
        raise InvalidInput(_("That is no search of this list.")) from error
    strange = {name for name, _value in pairs} - OURS - allowed_lookups(model_admin, request)
    kept = urlencode(pairs)
    if strange or not pairs or len(kept) > LONGEST:
        raise InvalidInput(_("That is no search of this list."))
    try:
        model_admin.get_changelist_instance(asked(request, kept))
    except UNREADABLE as error:
        raise InvalidInput(_("That is no search of this list.")) from error
    return kept


UNREADABLE = (SuspiciousOperation, IncorrectLookupParameters, ValidationError, ValueError)


def asked(request: HttpRequest, query: str) -> HttpRequest:
    """Return the request as if this person had asked for ``query``."""
    other = copy(request)
    other.GET = QueryDict(query)
    return other


def rows_of_view(cl: "ChangeList", request: HttpRequest, view: SavedView) -> QuerySet[Any] | None:
    """Return what a view means for this person; None when its list does not know its words any more."""
    try:
        return cl.rows_of(request, view.query)
    except UNREADABLE:
        return None
