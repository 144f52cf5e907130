"""What each person chooses about notifications: ways by topic, quiet hours, the digest, and own webhooks."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from staff import services
from staff.models import NotificationPreference, Topic, User, WebhookKind, WorkProfile
from staff.selectors.notifications import ICONS
from staff.selectors.ways import USUAL_WAYS, Ways
from staff.selectors.webhooks import OwnWebhook, own_webhook, own_webhooks
from staff.tasks import try_webhook

WAYS = (
    ("in_app", pgettext_lazy("notification way", "Bell"), "notifications"),
    ("email", pgettext_lazy("notification way", "Mail"), "mail"),
    ("webhook", pgettext_lazy("notification way", "Webhook"), "webhook"),
)


class TimesForm(forms.Form):
    """When one is left alone, and when the mail comes."""

    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    digest_at = forms.TimeField(label=gettext_lazy("Mail at"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))


class WebhookForm(forms.Form):
    """A new address of one's own."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=WebhookKind.choices)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        widget=forms.URLInput({"placeholder": "https://hooks.slack.com/services/…", "autocomplete": "off"}),
        help_text=gettext_lazy("Whoever knows it can write there, so it is not shown again after saving."),
    )


@register_page("notifications/settings/", name="staff_notification_settings", permission="")
@require_http_methods(["GET", "POST"])
def notification_settings(request: HttpRequest) -> HttpResponseBase:
    """Show and keep ways, quiet hours and the time of the digest."""
    user = actor(request)
    if request.method != "POST":
        return _page(request)
    times = TimesForm(request.POST)
    if times.is_valid():
        ways = {topic: _ticked(request, topic) for topic in Topic.values}
        try:
            services.choose_quiet_hours(**times.cleaned_data, actor=user)
            services.choose_notification_ways(ways=ways, actor=user)
        except DomainError as refusal:
            times.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your choices are saved."))
            return _back()
    return _page(request, times=times)


def _ticked(request: HttpRequest, topic: str) -> Ways:
    return Ways(**{way: f"{topic}-{way}" in request.POST for way, _label, _icon in WAYS})


@register_page("notifications/settings/webhooks/", name="staff_own_webhooks", permission="")
@require_POST
def add_own_webhook(request: HttpRequest) -> HttpResponseBase:
    """Add an address of one's own; its signing secret is shown this once."""
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _page(request, new=form)
    try:
        webhook = services.add_webhook(**form.cleaned_data, actor=actor(request))
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, new=form)
    messages.success(request, _("The webhook “%(name)s” is saved. Send a test message.") % {"name": webhook.name})
    return _page(request, secret=webhook.secret) if webhook.secret else _back()


@register_page("notifications/settings/webhooks/<int:webhook_id>/", name="staff_own_webhook", permission="")
@require_POST
def change_own_webhook(request: HttpRequest, webhook_id: int) -> HttpResponseBase:
    """Test, switch, renew or remove an address of one's own."""
    user = actor(request)
    webhook = own_webhook(user.pk, webhook_id)
    do = _DEEDS.get(request.POST.get("do", ""))
    if webhook is None or do is None:
        messages.error(request, _("This webhook is gone. Reload the page."))
        return _back()
    try:
        secret = do(request, webhook, user)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _back()
    return _page(request, secret=secret) if secret else _back()


def _test(request: HttpRequest, webhook: OwnWebhook, user: User) -> str:
    sent = try_webhook(webhook_id=webhook.id, text=_("This is a test message."), subject=_("Back office"))
    if sent.is_ok:
        messages.success(request, _("The test message was taken."))
    else:
        messages.error(request, _("The test message failed: %(error)s") % {"error": sent.error})
    return ""


def _switch(request: HttpRequest, webhook: OwnWebhook, user: User) -> str:
    services.change_webhook(
        webhook_id=webhook.id, name=webhook.name, kind=webhook.kind, is_active=not webhook.is_active, actor=user
    )
    messages.success(request, _("The webhook is changed."))
    return ""


def _renew(request: HttpRequest, webhook: OwnWebhook, user: User) -> str:
    return services.renew_webhook_secret(webhook_id=webhook.id, actor=user)


def _remove(request: HttpRequest, webhook: OwnWebhook, user: User) -> str:
    services.remove_own_webhook(webhook_id=webhook.id, actor=user)
    messages.success(request, _("The webhook is removed."))
    return ""


_DEEDS: Mapping[str, Callable[[HttpRequest, OwnWebhook, User], str]] = {
    "test": _test,
    "switch": _switch,
    "renew": _renew,
    "remove": _remove,
}


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:staff_notification_settings"))


def _page(
    request: HttpRequest, *, times: TimesForm | None = None, new: WebhookForm | None = None, secret: str = ""
) -> HttpResponse:
    user = actor(request)
    profile = WorkProfile.objects.filter(user=user).first() or WorkProfile()
    initial = {name: getattr(profile, name) for name in ("quiet_from", "quiet_until", "digest_at")}
    return render_page(
        request,
        "staff/pages/notification_settings.html",
        title=_("Notification settings"),
        ways=WAYS,
        topics=_topics(user),
        times=times or TimesForm(initial=initial),
        webhooks=own_webhooks(user.pk),
        new=new or WebhookForm(),
        has_error=new is not None,
        secret=secret,
        time_zone=user.time_zone,
    )


def _topics(user: User) -> list[dict[str, Any]]:
    chosen = {
        row.topic: Ways(row.in_app, row.email, row.webhook) for row in NotificationPreference.objects.filter(user=user)
    }
    return [
        {
            "label": topic.label,
            "icon": ICONS[topic],
            "ways": [
                {"name": f"{topic.value}-{way}", "label": label, "on": getattr(ways, way)} for way, label, _icon in WAYS
            ],
        }
        for topic in Topic
        for ways in [chosen.get(topic.value, USUAL_WAYS[topic])]
    ]
