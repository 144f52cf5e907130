"""The request page: choose what is asked, answer its questions, see the deadline it gets."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import DomainError
from core.ui import actor
from core.ui.pressing import new_key, posted_key
from core.ui.sitepages import register_page, render_page
from staff import services
from staff.admin.offering import About, about_of
from staff.admin.request_form import RequestForm, planned_words
from staff.models import Task, TaskGroup, TaskKind, TaskTemplate

ICONS: dict[TaskKind, str] = {
    TaskKind.BANNER: "gallery_thumbnail",
    TaskKind.PRODUCT_REGISTRATION: "new_label",
    TaskKind.PRODUCT_EDIT: "edit_square",
    TaskKind.PHOTO: "photo_camera",
    TaskKind.COPY: "edit_note",
    TaskKind.INFLUENCER_FOLLOW_UP: "campaign",
    TaskKind.STOCK_CHECK: "inventory",
    TaskKind.GENERAL: "task_alt",
}


@dataclass(frozen=True)
class Card:
    """One kind with its templates, to choose from."""

    kind: TaskKind
    icon: str
    url: str
    templates: list[tuple[TaskTemplate, str]]


@register_page("staff/task/request/", name="staff_task_request", permission="staff.add_task")
def request_page(request: HttpRequest) -> HttpResponse:
    """Show the kinds, or the form of the chosen one; a POST makes a draft or a task and leads to it."""
    about = about_of(request, request.GET.get("about", ""))
    template = _template(request)
    kind = _kind(request, template)
    if kind is None:
        return _choice(request, about)
    is_draft = request.POST.get("save") == "draft"
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    # a task of a group goes live with it
    initial = {"go_live_on": about.row.go_live_on} if about and isinstance(about.row, TaskGroup) else {}
    form = RequestForm(*posted, initial=initial, kind=kind, template=template, user=actor(request), is_draft=is_draft)
    if request.method == "POST" and form.is_valid():
        try:
            task = _open(request, form, about, is_draft=is_draft)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            sentence = _("%(number)s is saved as a draft.") if is_draft else _("%(number)s is requested.")
            messages.success(request, sentence % {"number": task.number})
            return HttpResponseRedirect(reverse("admin:staff_task_change", args=[task.pk]))
    return _form(request, form, about)


@register_page("staff/task/request/deadline/", name="staff_task_deadline", permission="staff.add_task")
def deadline_part(request: HttpRequest) -> HttpResponse:
    """Say which deadline a go-live date gives."""
    planned, is_past = planned_words(_day(request.GET.get("go_live_on", "")), _template(request))
    return TemplateResponse(request, "staff/components/planned.html", {"planned": planned, "is_past": is_past})


def _day(value: Any) -> date | None:
    if not isinstance(value, str):
        return value if isinstance(value, date) else None
    try:
        return parse_date(value)
    except ValueError:
        return None


def _open(request: HttpRequest, form: RequestForm, about: About | None, *, is_draft: bool) -> Task:
    """Make the task with its files, once for each opened page."""
    user = actor(request)

    @transaction.atomic
    def run() -> int:
        wanted = form.request(about.row if about else None)
        task = services.request_task(request=wanted, submit=not is_draft, actor=user)
        for file in form.cleaned_data["attachments"]:
            services.attach_file(task_id=task.pk, file=file, actor=user)
        return int(task.pk)

    key = f"request:{user.pk}:{posted_key(request)}"
    said = {"title": form.cleaned_data["title"], "is_draft": is_draft}
    return Task.objects.get(pk=once(key=key, parameters=said, run=run))


def _form(request: HttpRequest, form: RequestForm, about: About | None) -> HttpResponse:
    planned, is_past = planned_words(_day(form["go_live_on"].value()), form.template)
    title = _("Request: %(kind)s") % {"kind": form.kind.label}
    context = {
        "form": form,
        "about": about,
        "icon": ICONS[form.kind],
        "key": new_key(),
        "choice_url": _url(about=about.key if about else ""),
        "deadline_url": reverse("admin:staff_task_deadline"),
        "template_items": [item.text for item in form.template.items.all()] if form.template else [],
        "go_live_on": str(form["go_live_on"].value() or ""),
        "planned": planned,
        "is_past": is_past,
    }
    return render_page(request, "staff/pages/request.html", title=title, **context)


def _choice(request: HttpRequest, about: About | None) -> HttpResponse:
    """Offer kinds and templates; what the row's page offers comes first."""
    key = about.key if about else ""
    templates: dict[str, list[TaskTemplate]] = {}
    for template in TaskTemplate.objects.filter(is_active=True):
        templates.setdefault(template.kind, []).append(template)
    first = about.kinds if about else ()
    kinds = [*first, *(kind for kind in TaskKind if kind not in first)] if not about else list(first)
    cards = [
        Card(
            kind,
            ICONS[kind],
            _url(kind=kind, about=key),
            [(row, _url(kind=kind, template=str(row.pk), about=key)) for row in templates.get(kind, [])],
        )
        for kind in kinds
    ]
    return render_page(request, "staff/pages/request_choice.html", title=_("Request work"), cards=cards, about=about)


def _url(**query: str) -> str:
    return f"{reverse('admin:staff_task_request')}?{urlencode({name: text for name, text in query.items() if text})}"


def _kind(request: HttpRequest, template: TaskTemplate | None) -> TaskKind | None:
    value = request.GET.get("kind", "")
    if template is not None and value in {"", template.kind}:
        return TaskKind(template.kind)
    if not value:
        return None
    if value not in TaskKind.values or template is not None:
        raise SuspiciousOperation("no such kind")
    return TaskKind(value)


def _template(request: HttpRequest) -> TaskTemplate | None:
    """Return the template of the address: by id, or by code for links that people write."""
    value: Any = request.GET.get("template", "")
    if not value:
        return None
    known = {"pk": int(value)} if value.isascii() and value.isdigit() and len(value) < 19 else {"code": value[:60]}
    template = TaskTemplate.objects.filter(is_active=True, **known).first()
    if template is None:
        raise SuspiciousOperation("no such template")
    return template
