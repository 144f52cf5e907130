"""The page on which a list's views are saved, renamed, put in order, shared and thrown away."""

from typing import Any
from urllib.parse import parse_qs

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import DomainError
from core.models import SavedView
from core.saving import change_view, drop_view, save_view
from core.ui.acting import actor
from core.ui.saved_views import checked_query, pairs_of, views_of
from core.ui.sitepages import register_page, render_page

SHARE = "core.share_savedview"


class ViewForm(forms.Form):
    """What a view is called, where it stands, and who sees it."""

    name = forms.CharField(label=pgettext_lazy("saved view", "name"), max_length=40)
    rank = forms.IntegerField(label=gettext_lazy("rank"), min_value=0, max_value=999, initial=100)
    is_shared = forms.BooleanField(label=gettext_lazy("for everybody"), required=False)


@register_page("views/", name="core_saved_views", permission="")
def views_page(request: HttpRequest) -> HttpResponseBase:
    """Show the views of a list (``list``); with ``query`` ask what to call that one; POST saves, changes or drops."""
    model_admin, label = _list(request)
    back = reverse(f"admin:{label.replace('.', '_')}_changelist")
    query = request.GET.get("query", "")
    form = ViewForm(request.POST if request.POST.get("command") == "save" else None, prefix="new")
    if request.method == "POST":
        try:
            url = _obey(request, model_admin, label, form)
        except DomainError as error:
            messages.error(request, str(error))
            url = ""
        if url is not None:
            return HttpResponseRedirect(f"{back}?{url}" if url else request.get_full_path())
    context = {
        "form": form if query else None,
        "words": _words(query),
        "rows": [(view, _is_mine(request, view)) for view in views_of(request, model_admin.model)],
        "may_share": request.user.has_perm(SHARE),
        "back": back,
        "list_name": model_admin.opts.verbose_name_plural,
    }
    return render_page(request, "core/pages/saved_views.html", title=_("Saved views"), **context)


def _list(request: HttpRequest) -> tuple[Any, str]:
    try:
        model = apps.get_model(request.GET.get("list", ""))
    except (LookupError, ValueError) as error:
        raise Http404 from error
    if not admin.site.is_registered(model):
        raise Http404
    model_admin = admin.site.get_model_admin(model)
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    return model_admin, model._meta.label_lower


def _obey(request: HttpRequest, model_admin: Any, label: str, form: ViewForm) -> str | None:
    """Do what was pressed; return the query of the view to go to, an empty text to stay, None for a bad form."""
    user_id, may_share = actor(request).pk, request.user.has_perm(SHARE)
    command, pk = request.POST.get("command", ""), request.POST.get("view", "")
    if command == "save":
        if not form.is_valid():
            return None
        query = checked_query(model_admin, request, request.GET.get("query", ""))
        return save_view(model=label, query=query, owner_id=user_id, may_share=may_share, **form.cleaned_data).query
    if command not in {"change", "drop"} or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise SuspiciousOperation("no such command")
    if not SavedView.objects.filter(pk=int(pk), model=label).exists():
        raise Http404
    if command == "drop":
        drop_view(view_id=int(pk), actor_id=user_id, may_share=may_share)
        messages.success(request, _("The view is gone."))
        return ""
    changed = ViewForm(request.POST)
    if not changed.is_valid():
        raise SuspiciousOperation("no such view")
    change_view(view_id=int(pk), actor_id=user_id, may_share=may_share, **changed.cleaned_data)
    messages.success(request, _("The view is changed."))
    return ""


def _is_mine(request: HttpRequest, view: SavedView) -> bool:
    return view.owner_id == request.user.pk or request.user.has_perm(SHARE)


def _words(query: str) -> list[str]:
    """Return what a query asks for, as people can read it roughly: parameter and value."""
    try:
        pairs = pairs_of(query)
    except ValueError:
        return []
    return [f"{name.split('__')[0]}: {value}" for name, value in pairs] if parse_qs(query.removeprefix("?")) else []
