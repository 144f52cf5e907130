"""Mails that were set aside: read, and let in where a machine was wrong."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.masking import mask_email
from core.ui import Answer, Tab, actor, columns, service_action
from core.ui.readonly import ReadOnlyAdmin
from service.admin.status import inbox_url
from service.models import AsideMail, AsideReason
from service.services.intake.mails import let_mail_in

SEE = "customers.see_contact_data"


@admin.register(AsideMail)
class AsideMailAdmin(ReadOnlyAdmin):
    """What came in and became no ticket, with its reason."""

    list_display = [
        columns.text("subject", pgettext_lazy("message", "Subject")),
        columns.computed("reason", gettext_lazy("Reason"), lambda mail: mail.get_reason_display()),
        columns.text("inlet.name", gettext_lazy("Inlet")),
        columns.moment("created_at", gettext_lazy("Arrived"), order="id"),
    ]
    list_select_related = ("inlet",)
    ordering = ["-id"]
    tabs = [
        Tab("aside", pgettext_lazy("mail", "Set aside"), Q(message=None)),
        Tab("all", pgettext_lazy("mail", "All"), count=False),
    ]
    list_filter = ["reason", "inlet"]
    fields = ["inlet", "reason", "subject", "created_at"]
    empty_title = gettext_lazy("Nothing is set aside")
    empty_text = gettext_lazy("Answers of machines, returned mails and what cannot be read are kept here.")

    def facts(self, request: HttpRequest, obj: AsideMail) -> list[tuple[Any, Any]]:
        """Return the sender, and the mail as it came for who may read it."""
        sender = obj.sender_address if request.user.has_perm(SEE) else mask_email(obj.sender_address)
        facts: list[tuple[Any, Any]] = [(_("Sender"), sender or "–")]
        if obj.raw and request.user.has_perm("service.direct_ticket"):
            address = reverse("file", args=[obj.raw.name])
            facts.append((_("As it came"), format_html('<a href="{}" download>{}</a>', address, _("Download"))))
        return facts

    @service_action(
        pgettext_lazy("mail", "Let in"),
        permission="service.direct_ticket",
        icon="mark_email_unread",
        question=gettext_lazy("The mail becomes a message of a ticket, as if it had come in now."),
        available=lambda _user, mail: mail.message_id is None and mail.reason != AsideReason.TOO_LARGE,
    )
    def let_in(self, request: HttpRequest, obj: AsideMail, data: dict[str, Any]) -> Answer:
        """Make it a message."""
        message = let_mail_in(aside_id=obj.pk, actor=actor(request))
        return Answer(
            _("Written down as %(number)s.") % {"number": message.ticket.number}, inbox_url(message.ticket_id)
        )
