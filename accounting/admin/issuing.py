"""What accounting shows on the page of an order: its papers, and the buttons that issue them."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting import services
from accounting.admin.forms import InvoiceForm, ManyForm, ReceiptForm
from accounting.models import IssuedDocument
from accounting.selectors.documents import papers_of_order
from accounting.services import Recipient, Wish
from core.ui import BulkOutcome, Panel, actor, bulk_action, register_action, register_panel, service_action
from core.ui.timeline import timeline_icon
from orders.models import Order, OrderStatus
from orders.policies import can_see_money

MOST = 1000  # of one press: their papers are one file


def _billable(_user: Any, order: Order) -> bool:
    return bool(order.status != OrderStatus.CANCELLED)


def _said(document: IssuedDocument) -> str:
    return _("%(kind)s %(number)s is issued.") % {"kind": document.get_kind_display(), "number": document.number}


@service_action(
    gettext_lazy("Issue invoice"),
    permission="accounting.issue_invoice",
    form=InvoiceForm,
    icon="request_quote",
    available=_billable,
    is_rare=True,
    initial=lambda request, order: {"recipient": order.buyer_name, "email": order.buyer_email},
)
def issue_invoice(admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Bill the order."""
    wish = Wish(
        order_id=obj.pk,
        kind=data["kind"],
        language=data["language"],
        purpose=data.get("purpose", ""),
        identity=data.get("identity", ""),
        recipient=Recipient(
            name=data["recipient"],
            registration_number=data["registration_number"],
            representative=data["representative"],
            address=data["address"],
            email=data["email"],
            business_type=data.get("business_type", ""),
            business_item=data.get("business_item", ""),
        ),
    )
    return _said(services.issue_document(wish=wish, actor=actor(request)))


@service_action(
    gettext_lazy("Issue receipt"),
    permission="accounting.issue_receipt",
    form=ReceiptForm,
    icon="receipt_long",
    available=_billable,
    is_rare=True,
    initial=lambda request, order: {"recipient": order.buyer_name},
)
def issue_receipt(admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Give out a receipt or a delivery note."""
    wish = Wish(
        order_id=obj.pk, kind=data["kind"], language=data["language"], memo=data["memo"],
        recipient=Recipient(name=data["recipient"]),
    )  # fmt: skip
    return _said(services.issue_document(wish=wish, actor=actor(request)))


@bulk_action(
    gettext_lazy("Issue documents"),
    permission="accounting.issue_invoice",
    form=ManyForm,
    icon="request_quote",
    limit=MOST,
)
def issue_papers(admin: Any, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
    """Issue a paper of one kind for each order."""
    wishes = [Wish(order_id=pk, kind=data["kind"], language=data["language"]) for pk in ids]
    report = services.issue_documents(wishes=wishes, actor=actor(request))
    return BulkOutcome(len(report.done), report.refused)


def order_papers(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the papers of the order; None without any."""
    papers = papers_of_order(order.pk)
    may_download = request.user.has_perm("accounting.download_issueddocument")
    may_see_money = can_see_money(actor(request))
    return {"papers": papers, "may_download": may_download, "may_see_money": may_see_money} if papers else None


for button in (issue_invoice, issue_receipt, issue_papers):
    register_action(Order, button)
register_panel(
    Order,
    Panel(
        "papers",
        gettext_lazy("Issued documents"),
        "accounting/panels/papers.html",
        order_papers,
        "accounting.view_issueddocument",
        position=60,
    ),
)
timeline_icon("accounting.document_issued", "request_quote")
