"""An answer as a mail: plain text, from our inlet, threaded for the customer's program and for ours."""

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from service.models import Message, Survey
from service.selectors.threads import reply_address


def reply_mail(message: Message) -> EmailMessage:
    """Return the mail of a public message; the same message gives the same Message-ID each time.

    Takes a ``Message`` only: an internal note is another table and has no address to go to.
    """
    inlet = message.inlet
    headers = {"Message-ID": f"<{message.message_id}>", "Reply-To": reply_address(inlet.address, message.ticket_id)}
    if _is_of_a_mail(message.in_reply_to):
        headers["In-Reply-To"] = f"<{message.in_reply_to}>"
    if before := [f"<{one}>" for one in message.references if _is_of_a_mail(one)]:
        headers["References"] = " ".join(before)
    mail = EmailMessage(
        subject=message.subject,
        body=message.body,
        from_email=f'"{_plain(inlet.name)}" <{inlet.address}>',
        to=[message.recipient],
        headers=headers,
    )
    for attachment in message.attachments.all():
        with attachment.file.open("rb") as file:
            mail.attach(attachment.filename, file.read(), "application/octet-stream")
    return mail


def survey_mail(survey: Survey, *, recipient: str, url: str) -> EmailMessage:
    """Return the mail that asks how it was, in the ticket's language."""
    inlet, number = survey.ticket.inlet, survey.ticket.number
    with translation.override(survey.language):
        subject = _("How did we do? [%(number)s]") % {"number": number}
        asked = _("You wrote to us and we have answered. Were you satisfied? One click is enough:")
        body = "\n\n".join([asked, url, _("The page is open for two weeks. Thank you.")])
    sender = f'"{_plain(inlet.name)}" <{inlet.address}>'
    headers = {"Message-ID": f"<survey.{survey.nonce}@{inlet.address.rpartition('@')[2]}>"}
    return EmailMessage(subject=subject, body=body, from_email=sender, to=[recipient], headers=headers)


def _is_of_a_mail(message_id: str) -> bool:
    """Tell whether a mail had this id; those of a chat are nobody else's to know."""
    return bool(message_id) and not message_id.endswith(".invalid")


def _plain(name: str) -> str:
    return " ".join(name.replace('"', "").replace("\\", "").split())
