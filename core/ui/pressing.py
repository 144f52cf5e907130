"""What happens when a button is pressed: right, state and key are checked again, then one service call."""

import re
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from core.commands import answer_of, once
from core.errors import DomainError
from core.ui.actions import Answer, BulkOutcome, ServiceAction, actions_of

KEY = "_key"
SELECTED = "_selected"
ACROSS = "_across"  # all rows that match the list's query when it is asked, not only the ticked ones
_KEY_SHAPE = re.compile(r"[0-9a-f]{32}")
_LEVELS = {"success": messages.SUCCESS, "warning": messages.WARNING, "error": messages.ERROR}


def new_key() -> str:
    """Return a fresh key for one press of one button."""
    return uuid.uuid4().hex


class PressingMixin:
    """Adds the addresses of buttons to a ModelAdmin: ``<id>/do/<name>/`` and ``do/<name>/``."""

    model: Any
    opts: Any
    admin_site: Any

    def pressing_urls(self) -> list[URLPattern]:
        """Return the two addresses; which buttons exist is looked up at the press."""
        wrap, base = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("do/<slug:name>/", wrap(self.bulk_view), name=f"{base}_bulk"),
            path("<path:object_id>/do/<slug:name>/", wrap(self.press_view), name=f"{base}_press"),
        ]

    def press_url(self, name: str, obj: Any) -> str:
        """Return the address of a button for one row."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_press", args=[obj.pk, name])

    def bulk_url(self, name: str) -> str:
        """Return the address of a button for many rows."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_bulk", args=[name])

    def detail_buttons(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """Return what the page shows, the next step first; one rare button alone needs no menu."""
        offered = [
            action
            for action in actions_of(type(self), self.model, bulk=False)
            if action.is_shown and action.offered(request.user, obj)
        ]
        has_menu = sum(action.is_rare for action in offered) > 1
        return [
            {
                "action": action,
                "url": action.link(obj) if action.link else self.press_url(action.name, obj),
                "leads_on": action.link is not None,  # a template would call the function instead of asking for it
                "is_rare": has_menu and action.is_rare,
            }
            for action in sorted(offered, key=lambda action: action.variant != "primary")
        ]

    def bulk_buttons(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the buttons of the bar that appears when rows are ticked."""
        return [
            {"action": action, "url": self.bulk_url(action.name)}
            for action in actions_of(type(self), self.model, bulk=True)
            if action.permitted(request.user)
        ]

    def _action(self, request: HttpRequest, name: str, *, bulk: bool) -> ServiceAction:
        for action in actions_of(type(self), self.model, bulk=bulk):
            if action.name == name:
                if not action.permitted(request.user):
                    raise PermissionDenied
                return action
        raise Http404

    # --- one row

    def press_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """GET shows the dialog and changes nothing; POST presses."""
        action = self._action(request, name, bulk=False)
        obj = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):  # type: ignore[attr-defined]
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        key = f"ui:{request.user.pk}:{self.opts.label_lower}:{obj.pk}:{name}:{posted_key(request)}"
        if answer := _answered(key):
            return _leave(request, answer, back)
        if not action.available(request.user, obj):
            sentence = _("“%(action)s” is not possible for %(name)s as it stands now.")
            refusal = Answer(sentence % {"action": action.label, "name": obj}, level="error")
            return _leave(request, refusal, back)
        if action.link:
            return HttpResponseRedirect(action.link(obj))
        form = _form(action, request, obj=obj)
        if request.method != "POST" or not _complete(form):
            return self._dialog(request, action, form, subject=str(obj), obj=obj, back=back)
        return _leave(request, _press(key, action, self, request, obj, form), back)

    # --- many rows

    def bulk_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """The first POST (from the list, with the ticks) shows the dialog; the second, with a key, presses."""
        action = self._action(request, name, bulk=True)
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        query = request.META.get("QUERY_STRING", "")
        back = f"{back}?{query}" if query else back
        if request.method != "POST":
            return HttpResponseRedirect(back)
        pressed = KEY in request.POST
        key = f"ui:{request.user.pk}:{self.opts.label_lower}:{name}:{posted_key(request) if pressed else ''}"
        if answer := _answered(key):
            return _leave(request, answer, back)
        ids = self.selected_ids(request, limit=action.limit)
        if not ids:
            return _leave(request, Answer(_("Tick the rows first."), level="warning"), back)
        if len(ids) > action.limit:
            sentence = _("That is more than %(limit)s rows. Narrow the list first.") % {"limit": action.limit}
            return _leave(request, Answer(sentence, level="error"), back)
        form = _form(action, request, bound=pressed)
        if not pressed or not _complete(form):
            return self._dialog(request, action, form, ids=ids, back=back)
        return _leave(request, _press(key, action, self, request, ids, form), back)

    def selected_ids(self, request: HttpRequest, *, limit: int) -> list[int]:
        """Return the chosen ids, in ascending order, that this user sees: ticked ones, or all that match the list."""
        if request.POST.get(ACROSS) == "1":
            rows = self.get_changelist_instance(request).queryset  # type: ignore[attr-defined]
            return sorted(rows.values_list("pk", flat=True)[: limit + 1])
        # the dialog names its rows in one value: thousands of fields would be refused as a form
        posted = [value for values in request.POST.getlist(SELECTED) for value in values.split(",")]
        if not all(value.isascii() and value.isdigit() and len(value) <= 18 for value in posted):
            raise SuspiciousOperation("no such rows")
        wanted = {int(value) for value in posted}
        return sorted(self.get_queryset(request).filter(pk__in=wanted).values_list("pk", flat=True))  # type: ignore[attr-defined]

    def _dialog(self, request: HttpRequest, action: ServiceAction, form: Any, **context: Any) -> HttpResponse:
        values = {
            "action": action,
            "form": form,
            "key": request.POST.get(KEY) or new_key(),
            "post_url": request.get_full_path(),
            **context,
        }
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "core/dialog.html", values)
        page = {**self.admin_site.each_context(request), "title": action.label, "opts": self.opts, **values}
        return TemplateResponse(request, "core/pages/dialog.html", page)


def _form(action: ServiceAction, request: HttpRequest, *, obj: Any = None, bound: bool = True) -> Any:
    if action.form is None:
        return None
    initial = action.initial(request, obj) if action.initial else None
    data, files = (request.POST, request.FILES) if bound and request.method == "POST" else (None, None)
    return action.form(data, files, initial=initial, obj=obj, user=request.user)  # type: ignore[call-arg]


def _complete(form: Any) -> bool:
    return form is None or bool(form.is_valid())


def _answered(key: str) -> Answer | None:
    """Return what this press was answered before: the button may be gone by the second click of a double click."""
    if key.endswith(":"):  # only asked so far
        return None
    try:
        answer = answer_of(key=key)
    except DomainError as error:
        return Answer(str(error), level="error")
    return Answer(**answer) if answer else None


def posted_key(request: HttpRequest) -> str:
    """Return the key of this press, empty when nothing is posted; 400 for a form without one."""
    if request.method != "POST":
        return ""
    key = request.POST.get(KEY, "")
    if not _KEY_SHAPE.fullmatch(key):
        raise SuspiciousOperation("the form has no key")
    return key


def _parameters(subject: Any, form: Any) -> dict[str, Any]:
    data = {name: getattr(value, "pk", value) for name, value in form.cleaned_data.items()} if form else {}
    return {
        "subject": subject if isinstance(subject, list) else subject.pk,
        "data": {k: str(v) for k, v in data.items()},
    }


def _press(key: str, action: ServiceAction, admin: Any, request: HttpRequest, subject: Any, form: Any) -> Answer:
    """Run the service once under the key; a refusal undoes everything but itself and becomes the answer."""

    def run() -> dict[str, str]:
        answer = action.run(admin, request, subject, form.cleaned_data if form else {})
        if isinstance(answer, BulkOutcome):
            answer = answer.answer()
        if not isinstance(answer, Answer):
            answer = Answer(str(answer))
        return {"sentence": str(answer.sentence), "url": answer.url, "level": answer.level}

    try:
        return Answer(**once(key=key, parameters=_parameters(subject, form), run=run))
    except DomainError as error:
        return Answer(str(error), level="error")


def _leave(request: HttpRequest, answer: Answer, back: str) -> HttpResponse:
    messages.add_message(request, _LEVELS[answer.level], answer.sentence)
    url = answer.url or back
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
