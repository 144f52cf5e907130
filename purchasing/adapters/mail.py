"""The mail that carries a purchase order to its supplier: text in the supplier's language, PDF and CSV beside it."""

from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from core.display import moment_text
from purchasing.models import PurchaseOrder
from purchasing.selectors.papers import language_of, order_file, order_paper


class NothingLeft(Exception):  # noqa: N818 says what is known
    """The mail surely did not go out; ``str(error)`` is the kind of failure, without addresses."""


class PerhapsLeft(Exception):  # noqa: N818 says what is known
    """The line broke while the mail was handed over: the other side may have it."""


def order_mail(order: PurchaseOrder, *, mail_id: int, address: str) -> EmailMessage:
    """Return the mail; it keeps its Message-ID however often it is made."""
    with translation.override(language_of(order.supplier)):
        context = {
            "order": order,
            "supplier": order.supplier,
            "expected": moment_text(order.expected_on) if order.expected_on else "",
            "line_count": order.lines.count(),
        }
        subject = _("Purchase order %(number)s") % {"number": order.number}
        body = render_to_string("emails/purchasing/order.txt", context)
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    mail = EmailMessage(
        subject=subject,
        body=body,
        to=[address],
        headers={"Message-ID": f"<purchase-order-{order.pk}-{mail_id}@{host}>"},
    )
    mail.attach(f"{order.number}.pdf", order_paper(order), "application/pdf")
    mail.attach(f"{order.number}.csv", order_file(order).decode("utf-8"), "text/csv")
    return mail


def hand_over(mail: EmailMessage) -> None:
    """Hand the mail to the server; NothingLeft or PerhapsLeft when that fails.

    Before the connection stands, and when the server answers with a refusal, nothing has left. A line that breaks
    after that leaves it open.
    """
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        raise NothingLeft(type(error).__name__) from error
    mail.connection = connection
    try:
        mail.send()
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        raise NothingLeft(type(error).__name__) from error
    except (SMTPException, OSError) as error:
        raise PerhapsLeft(type(error).__name__) from error
    finally:
        _close(connection)


def _close(connection: object) -> None:
    try:
        connection.close()  # type: ignore[attr-defined]
    except (SMTPException, OSError):
        return  # what was to be said is said
