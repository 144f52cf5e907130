"""What is done with many tickets: from the list and from the inbox, with a look at what will happen first."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ActionForm, BulkOutcome, actor, bulk_action
from core.ui.pressing import SELECTED, posted_key
from service.admin.forms import AssignForm, TagForm, UseMacroForm
from service.admin.reason import ReasonField
from service.admin.snoozing import SnoozeForm
from service.selectors.reasons import reason_choices
from service.services.bulk import assign_tickets, resolve_tickets, snooze_tickets, tried
from service.services.macros import MacroReport, tag_tickets, use_macro_on_tickets
from staff.models import User

WORK, DIRECT = "service.work_on_ticket", "service.direct_ticket"
MOST = 200  # of one press: all are tried first


class TriedForm(ActionForm):
    """A form that shows what will happen before it does: the first press tries, the second one does."""

    tried = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    preview: MacroReport | None = None

    def attempt(self, ids: Sequence[int]) -> Callable[[], MacroReport]:
        """Return what is tried, from the cleaned data."""
        raise NotImplementedError

    def is_valid(self) -> bool:
        """Tell whether the answers are complete and somebody has seen what they lead to."""
        if not super().is_valid():
            return False
        posted: Any = self.data
        ids = [int(one) for value in posted.getlist(SELECTED) for one in value.split(",")]
        sign = hashlib.sha256(repr((ids, self._said())).encode()).hexdigest()
        if self.cleaned_data.get("tried") == sign:
            return True
        self.preview = tried(self.attempt(ids))
        self.data = posted = posted.copy()
        posted["tried"] = sign
        return False

    def _said(self) -> list[tuple[str, str]]:
        said = {name: getattr(value, "pk", value) for name, value in self.cleaned_data.items() if name != "tried"}
        return sorted((name, str(value)) for name, value in said.items())


class ManyAssignForm(AssignForm, TriedForm):
    """Whom to give them to."""

    def attempt(self, ids: Sequence[int]) -> Callable[[], MacroReport]:
        """Try to give them."""
        return lambda: assign_tickets(ticket_ids=ids, assignee_id=self.cleaned_data["assignee"].pk, actor=self.user)


class ManyTagForm(TagForm, TriedForm):
    """Which tags."""

    def attempt(self, ids: Sequence[int]) -> Callable[[], MacroReport]:
        """Try to tag them."""
        data = self.cleaned_data
        return lambda: tag_tickets(ticket_ids=ids, adds=data["adds"], removes=data["removes"], actor=self.user)


class ManySnoozeForm(SnoozeForm, TriedForm):
    """Until when."""

    def attempt(self, ids: Sequence[int]) -> Callable[[], MacroReport]:
        """Try to put them aside."""
        return lambda: snooze_tickets(ticket_ids=ids, until=self.cleaned_data["at"], actor=self.user)


class ManyResolveForm(TriedForm):
    """Why the customers wrote."""

    reason = ReasonField(
        label=gettext_lazy("Reason"), max_length=300, help_text=gettext_lazy("For those that have none yet.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.choices = reason_choices()

    def attempt(self, ids: Sequence[int]) -> Callable[[], MacroReport]:
        """Try to settle them."""
        return lambda: resolve_tickets(ticket_ids=ids, reason_id=self.cleaned_data["reason"], actor=self.user)


class ManyMacroForm(UseMacroForm, TriedForm):
    """Which macro."""

    def attempt(self, ids: Sequence[int]) -> Callable[[], MacroReport]:
        """Try to use it."""
        return lambda: _use(ids, self.cleaned_data, "tried", self.user)


class BulkMixin:
    """The buttons for chosen tickets."""

    @bulk_action(
        gettext_lazy("Use a macro"), permission=WORK, form=ManyMacroForm, icon="bolt", variant="primary", limit=MOST
    )
    def use_macro_on_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Answer, or act on, each."""
        user = actor(request)
        return _told(request, _use(ids, data, f"{user.pk}:{posted_key(request)}", user))

    @bulk_action(gettext_lazy("Tag"), permission=WORK, form=ManyTagForm, icon="label", limit=1000)
    def tag_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Add tags, take others off."""
        report = tag_tickets(ticket_ids=ids, adds=data["adds"], removes=data["removes"], actor=actor(request))
        return _told(request, report)

    @bulk_action(
        pgettext_lazy("ticket", "Give to"), permission=DIRECT, form=ManyAssignForm, icon="person_add", limit=MOST
    )
    def assign_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Give each to a colleague."""
        report = assign_tickets(ticket_ids=ids, assignee_id=data["assignee"].pk, actor=actor(request))
        return _told(request, report)

    @bulk_action(pgettext_lazy("ticket", "Snooze"), permission=WORK, form=ManySnoozeForm, icon="snooze", limit=MOST)
    def snooze_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Put each aside."""
        return _told(request, snooze_tickets(ticket_ids=ids, until=data["at"], actor=actor(request)))

    @bulk_action(pgettext_lazy("ticket", "Resolve"), permission=WORK, form=ManyResolveForm, icon="task_alt", limit=MOST)
    def resolve_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Settle each with a reason."""
        return _told(request, resolve_tickets(ticket_ids=ids, reason_id=data["reason"], actor=actor(request)))


BULK = ("resolve_selected", "snooze_selected", "use_macro_on_selected", "tag_selected", "assign_selected")


def _use(ids: Sequence[int], data: dict[str, Any], key: str, user: User) -> MacroReport:
    return use_macro_on_tickets(
        macro_id=data["macro"].pk, ticket_ids=ids, seen_at=data["seen_at"] or timezone.now(), sends=data["sends"],
        key=key, actor=user,
    )  # fmt: skip


def _told(request: HttpRequest, report: MacroReport) -> BulkOutcome:
    """Say what became of them; who pressed in the inbox goes back there."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    inbox = reverse("admin:service_inbox")
    url = f"{inbox}?{here.query}" if here.path == inbox and here.query.startswith("view=") else ""
    return BulkOutcome(report.done, report.refused, url)
