"""The bell on every page, all notifications on one page, and what each person chooses about them."""

from typing import Any

from django import forms
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core.ui import actor
from core.ui.sitepages import register_page, render_page
from staff import services
from staff.models import Topic
from staff.selectors.notifications import lines_of, notifications_of, unread_of

LATEST, PAGE = 10, 30


class FilterForm(forms.Form):
    """Which notifications are looked at."""

    topic = forms.ChoiceField(
        label=gettext_lazy("Topic"),
        choices=[("", gettext_lazy("All topics")), *Topic.choices],
        required=False,
    )
    unread = forms.BooleanField(label=gettext_lazy("Unread"), required=False)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


@register_page("notifications/", name="staff_notifications", permission="")
@require_GET
def notifications_page(request: HttpRequest) -> HttpResponseBase:
    """Show all that one was told, the newest first; parameters that make no sense answer 400."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        raise SuspiciousOperation("no such filter")
    chosen, user = form.cleaned_data, actor(request)
    rows = notifications_of(user.pk)
    if chosen["unread"]:
        rows = rows.filter(read_at=None)
    if chosen["topic"]:
        rows = rows.filter(topic=chosen["topic"])
    if chosen["before"]:
        rows = rows.filter(pk__lt=chosen["before"])
    lines = lines_of(rows[: PAGE + 1])
    kept = {"topic": chosen["topic"], **({"unread": "1"} if chosen["unread"] else {})}
    return render_page(
        request,
        "staff/pages/notifications.html",
        title=_("Notifications"),
        form=form,
        lines=lines[:PAGE],
        tab_items=_tabs(request, only_unread=chosen["unread"], topic=chosen["topic"]),
        is_filtered=any(chosen.values()),
        newest=notifications_of(user.pk).values_list("pk", flat=True).first(),
        more_query=_query({**kept, "before": lines[PAGE - 1].id}) if len(lines) > PAGE else "",
    )


def _tabs(request: HttpRequest, *, only_unread: bool, topic: str) -> list[dict[str, Any]]:
    unread = unread_of(actor(request).pk)
    return [
        {"label": _("All"), "url": _query({"topic": topic}), "active": not only_unread},
        {
            "label": _("Unread"),
            "url": _query({"topic": topic, "unread": "1"}),
            "active": only_unread,
            "count": unread.text if unread.count else "",
            "alert": True,
        },
    ]


def _query(parameters: dict[str, Any]) -> str:
    return "?" + "&".join(f"{name}={value}" for name, value in parameters.items() if value)


@register_page("notifications/bell/", name="staff_bell", permission="")
@require_GET
def bell_count(request: HttpRequest) -> HttpResponseBase:
    """Answer the bell's question: 204 while nothing has changed since ``seen``, else its number (one statement)."""
    bell = unread_of(actor(request).pk)
    if request.GET.get("seen") == str(bell.count):
        return HttpResponse(status=204)
    return render(request, "staff/components/bell_count.html", {"bell": bell})


@register_page("notifications/latest/", name="staff_notifications_latest", permission="")
@require_GET
def latest_notifications(request: HttpRequest) -> HttpResponseBase:
    """Show the last ten below the bell."""
    return _latest(request)


def _latest(request: HttpRequest, *, is_changed: bool = False) -> HttpResponse:
    user = actor(request)
    lines = lines_of(notifications_of(user.pk)[:LATEST])
    context = {"lines": lines, "has_unread": any(not line.is_read for line in lines) or unread_of(user.pk).count}
    answer = render(request, "staff/components/bell_latest.html", context)
    if is_changed:
        answer["HX-Trigger"] = "bell"  # the number asks anew
    return answer


class ReadForm(forms.Form):
    """What was read: one notification, or all up to the newest on the screen."""

    id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    newest = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


@register_page("notifications/read/", name="staff_notifications_read", permission="")
@require_POST
def read_notifications(request: HttpRequest) -> HttpResponseBase:
    """Mark as read; answer with the list below the bell, or go back to the page."""
    form, user = ReadForm(request.POST), actor(request)
    if not form.is_valid():
        raise SuspiciousOperation("no such notification")
    if form.cleaned_data["id"]:
        services.mark_notifications_read(notification_ids=[form.cleaned_data["id"]], actor=user)
    elif form.cleaned_data["newest"]:
        services.mark_all_notifications_read(newest_id=form.cleaned_data["newest"], actor=user)
    if request.headers.get("HX-Request"):
        return _latest(request, is_changed=True)
    return HttpResponseRedirect(reverse("admin:staff_notifications"))
