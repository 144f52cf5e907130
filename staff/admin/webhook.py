"""Webhooks of the team: what is told to a channel. The address is a secret and is shown masked."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from core.display import badge_html
from core.ui import Answer, ModelAdmin, Tab, actor, columns, service_action
from staff import services
from staff.adapters.webhooks import masked
from staff.models import Topic, Webhook
from staff.tasks import try_webhook


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """A team's address: needed once, then replaced only when another is written."""

    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        required=False,
        help_text=_("Whoever knows it can write there, so it is not shown again after saving."),
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "placeholder": "https://"}),
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics"), choices=Topic.choices, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "address" not in self.fields:
            return
        if self.instance.pk:
            kept = _("Now: %(address)s. Write another one to replace it.") % {"address": masked(self.instance.url)}
            self.fields["address"].help_text = kept
        else:
            self.fields["address"].required = True


def _state(obj: Webhook) -> Any:
    return badge_html(_("Active"), "green") if obj.is_active else badge_html(_("Switched off"), "red")


def _topics(obj: Webhook) -> str:
    count = len(obj.topics)
    return ngettext("%(count)s topic", "%(count)s topics", count) % {"count": count}


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    """Addresses of the team; each person's own are on the page of notification settings."""

    form = WebhookForm
    list_display = [
        columns.two_lines("name", lambda row: masked(row.url), _("Webhook"), order=True),
        columns.computed("kind", _("Kind"), lambda row: row.get_kind_display()),
        columns.computed("heard", _("Topics"), _topics),
        columns.computed("state", pgettext_lazy("webhook", "State"), _state, css="fit"),
        columns.moment("last_sent_at", _("Last sent")),
        columns.text("last_error", _("Last error")),
    ]
    tabs = [
        Tab("active", pgettext_lazy("webhooks", "Active"), lambda rows, request: rows.filter(is_active=True)),
        Tab(
            "off",
            pgettext_lazy("webhooks", "Switched off"),
            lambda rows, request: rows.filter(is_active=False),
            alert=True,
        ),
    ]
    search_fields = ["name"]
    fields = ["name", "kind", "address", "topics", "is_active"]
    empty_title = _("No webhook yet")
    empty_text = _("A channel of the team in Slack or Kakao Work, or a program, can be told what happens to tasks.")

    def scope(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """What people have for themselves is theirs."""
        return queryset.filter(user=None)

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Say whether it works, and, to who may change it, with what its messages are signed."""
        facts = [(pgettext_lazy("webhook", "State"), _state(obj)), (_("Address"), masked(obj.url))]
        if obj.last_error:
            facts.append((_("Last error"), obj.last_error))
        if obj.secret and self.has_change_permission(request, obj):
            facts.append((_("Signing secret"), format_html('<code class="secret">{}</code>', obj.secret)))
        return facts

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save through the services; an empty address keeps what is there."""
        values = {name: form.cleaned_data[name] for name in ("name", "kind", "topics")}
        if change:
            services.change_webhook(
                webhook_id=obj.pk,
                is_active=form.cleaned_data["is_active"],
                url=form.cleaned_data["address"],
                **values,
                actor=actor(request),
            )
            return
        saved = services.add_webhook(url=form.cleaned_data["address"], is_team=True, **values, actor=actor(request))
        obj.pk, obj.url, obj.secret = saved.pk, saved.url, saved.secret

    @service_action(
        _("Send a test message"),
        permission="staff.change_webhook",
        icon="send",
        question=_("It says that it is a test, and counts for nothing."),
    )
    def send_test(self, request: HttpRequest, obj: Webhook, data: dict[str, Any]) -> Answer:
        """Send at once and say what came of it."""
        sent = try_webhook(webhook_id=obj.pk, text=str(_("This is a test message.")), subject=str(_("Back office")))
        if sent.is_ok:
            return Answer(str(_("The test message was taken.")))
        return Answer(str(_("The test message failed: %(error)s") % {"error": sent.error}), level="error")

    @service_action(
        _("New signing secret"),
        permission="staff.change_webhook",
        icon="key",
        available=lambda user, obj: obj.kind == "json",
        question=_("Messages signed with the old one are no longer sent: tell whoever reads them."),
    )
    def renew_secret(self, request: HttpRequest, obj: Webhook, data: dict[str, Any]) -> str:
        """Make another one; it stands on the page."""
        services.renew_webhook_secret(webhook_id=obj.pk, actor=actor(request))
        return str(_("The new secret stands above."))
