"""Issues papers of orders: checked, numbered, printed and kept together or not at all."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.events import DocumentIssued
from accounting.models import (
    BILLING,
    CORRECTIONS,
    CashReceiptIdentity,
    DocumentKind,
    DocumentTax,
    IssuedDocument,
)
from accounting.policies import can_issue
from accounting.selectors.billing import Bill, bills_of
from accounting.selectors.taxing import Rate, RateSum
from accounting.services.issuing.identities import EXPENSE, INCOME, masked_identity, tidy_identity
from accounting.services.issuing.numbering import draw_serials, numbered
from accounting.services.issuing.storing import discard_files, print_documents
from accounting.services.issuing.wishes import KR_ONLY, Draft, Wish, draft
from core.commands import once
from core.errors import DomainError, InvalidInput, NotAllowed
from core.events import record_many
from orders.models import Order, OrderStatus
from orders.services.batches import lock_orders
from purchasing.registration import tidy_registration_number
from staff.models import User

_K = DocumentKind


@dataclass(slots=True)
class IssueReport:
    """Ids of the papers, and (order number, reason) of each order that got none."""

    done: list[int] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def issue_documents(*, wishes: Sequence[Wish], key: str = "", actor: User | None = None) -> IssueReport:
    """Issue one paper for each wish (at most one for an order); a refused one does not hinder the others.

    All papers of one language are printed by one compile. Numbers follow the order of the wishes and have no gap: they
    are drawn in this transaction. The same ``key`` answers the same again. Refused: cancelled orders, a second paper
    that bills what is billed already, receipts of nothing, papers of another country's law, missing numbers, rates.
    NotAllowed without the right to a kind.
    """
    for kind in {wish.kind for wish in wishes}:
        if actor is not None and not can_issue(actor, kind):
            raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    written: list[str] = []

    def run() -> dict[str, Any]:
        report = _issue(wishes, written, actor)
        return {"done": report.done, "refused": report.refused}

    parameters = {"wishes": [[wish.order_id, wish.kind] for wish in wishes]}
    try:
        found = once(key=f"accounting.issue:{key}", parameters=parameters, run=run) if key else _at_once(run)
    except BaseException:
        discard_files(written)
        raise
    return IssueReport(list(found["done"]), [(number, reason) for number, reason in found["refused"]])


def _at_once(run: Callable[[], Any]) -> Any:
    with transaction.atomic():
        return run()


def issue_document(*, wish: Wish, key: str = "", actor: User | None = None) -> IssuedDocument:
    """Issue one paper and return it; what ``issue_documents`` refuses is an InvalidInput here."""
    report = issue_documents(wishes=[wish], key=key, actor=actor)
    if report.refused:
        raise InvalidInput(report.refused[0][1])
    return IssuedDocument.objects.get(pk=report.done[0])


def _issue(wishes: Sequence[Wish], written: list[str], actor: User | None) -> IssueReport:
    by_order = {wish.order_id: wish for wish in wishes}
    orders = {order.pk: order for order in lock_orders(by_order)}
    bills, problems = bills_of(orders=list(orders.values()))
    known = documents_by_order(list(orders))
    languages = dict(Order.objects.filter(pk__in=orders).values_list("pk", "sales_channel__language"))
    drafts, report = [], IssueReport()
    for order_id, wish in by_order.items():
        order = orders.get(order_id)
        if order is None:
            report.refused.append((str(order_id), _("There is no such order any more.")))
            continue
        try:
            if order_id in problems:
                raise InvalidInput(problems[order_id])
            drafts.append(_draft(bills[order_id], wish, known[order_id], wish.language or languages[order_id], actor))
        except DomainError as error:
            report.refused.append((order.number, str(error)))
    report.done = keep_drafts(drafts, written=written, actor=actor)
    return report


def documents_by_order(order_ids: Sequence[int]) -> dict[int, list[IssuedDocument]]:
    """Return the papers of locked orders, the oldest first, without their data."""
    known: dict[int, list[IssuedDocument]] = defaultdict(list)
    for document in IssuedDocument.objects.filter(order__in=order_ids).defer("data").order_by("pk"):
        known[document.order_id].append(document)
    return known


def _draft(bill: Bill, wish: Wish, known: Sequence[IssuedDocument], language: str, actor: User | None) -> Draft:
    _check_kind(bill, wish)
    today = timezone.localdate()
    if wish.kind == _K.RECEIPT:
        return _receipt(bill, wish, known, language, today, actor)
    if wish.kind in BILLING:
        _check_unbilled(known)
    if wish.kind == _K.CASH_RECEIPT:
        return _cash_receipt(bill, wish, language, today, actor)
    if wish.kind == _K.TAX_INVOICE:
        _check_buyer(wish)
    elif wish.kind == _K.INVOICE and not (wish.recipient.name.strip() or bill.order.buyer_name):
        raise InvalidInput(_("An invoice names its recipient. Write who it is for."))
    return draft(bill=bill, wish=wish, sums=list(bill.sums), language=language, day=today, extra={}, actor=actor)


def _check_kind(bill: Bill, wish: Wish) -> None:
    """Refuse what is no paper of this order or of this seller's country."""
    if bill.order.status == OrderStatus.CANCELLED:
        raise InvalidInput(_("The order is cancelled: there is nothing to bill."))
    if wish.kind in CORRECTIONS:
        raise InvalidInput(_("A correction is issued from the paper that it corrects."))
    if wish.kind in KR_ONLY and bill.seller.country != "KR":
        raise InvalidInput(_("Only a Korean seller issues this kind of paper."))
    if wish.kind == _K.SIMPLIFIED and bill.seller.country != "JP":
        raise InvalidInput(_("Only a Japanese seller issues this kind of paper."))


def _check_unbilled(known: Sequence[IssuedDocument]) -> None:
    """Refuse a second bill of the same goods: what is wrong with the first is corrected first."""
    billing = [one for one in known if one.kind in BILLING or one.kind in CORRECTIONS]
    if sum(one.gross for one in billing) != 0:
        number = next(one.number for one in reversed(billing) if one.kind in BILLING)
        raise InvalidInput(
            _("%(number)s bills this order already. Take it back wholly before another one is issued.")
            % {"number": number}
        )


def _check_buyer(wish: Wish) -> None:
    number = tidy_registration_number("KR", wish.recipient.registration_number)
    if not (number and wish.recipient.name.strip()):
        raise InvalidInput(_("A tax invoice names the buyer’s company and business number."))


def _cash_receipt(bill: Bill, wish: Wish, language: str, today: date, actor: User | None) -> Draft:
    if wish.purpose not in (INCOME, EXPENSE):
        raise InvalidInput(_("Choose what the cash receipt is for."))
    if bill.order.paid_total <= 0:
        raise InvalidInput(_("Nothing was paid yet."))
    digits = tidy_identity(wish.purpose, wish.identity)
    extra = {"purpose": wish.purpose, "identity": masked_identity(digits)}
    sums = bill.scaled(bill.order.paid_total)
    made = draft(bill=bill, wish=wish, sums=sums, language=language, day=today, extra=extra, actor=actor)
    made.identity = digits
    return made


def _receipt(
    bill: Bill, wish: Wish, known: Sequence[IssuedDocument], language: str, today: date, actor: User | None
) -> Draft:
    """Return a receipt of what was paid since the last one, or the last one once more, marked as issued again."""
    before = [one for one in known if one.kind == _K.RECEIPT and one.reissue_of_id is None]
    unreceipted = bill.order.paid_total - sum(one.gross for one in before)
    if unreceipted < 0:
        raise InvalidInput(_("Money went back since the receipt. It is not issued again over the old amount."))
    if unreceipted == 0 and not before:
        raise InvalidInput(_("Nothing was paid yet."))
    if unreceipted:
        sums = bill.scaled(unreceipted)
        return draft(bill=bill, wish=wish, sums=sums, language=language, day=today, extra={}, actor=actor)
    first = before[-1]
    extra = {"reissue_of": first.number}
    sums = [
        RateSum(Rate(one.tax_class, one.percent), one.gross, one.net, one.tax)
        for one in DocumentTax.objects.filter(document=first)
    ]
    made = draft(bill=bill, wish=wish, sums=sums, language=language, day=today, extra=extra, actor=actor)
    made.document.reissue_of = first
    return made


def keep_drafts(drafts: Sequence[Draft], *, written: list[str], actor: User | None) -> list[int]:
    """Number, print and keep papers whose orders are locked, and record them; returns their ids in the same order."""
    _number(drafts)
    by_language: dict[str, list[IssuedDocument]] = defaultdict(list)
    for one in drafts:
        by_language[one.document.language].append(one.document)
    for language, documents in by_language.items():
        print_documents(documents, language=language, written=written)
    documents = IssuedDocument.objects.bulk_create([one.document for one in drafts])
    DocumentTax.objects.bulk_create([tax for one in drafts for tax in one.taxes])
    CashReceiptIdentity.objects.bulk_create(
        CashReceiptIdentity(document=one.document, value=one.identity) for one in drafts if one.identity
    )
    facts = [
        (
            DocumentIssued(
                document_id=one.pk, number=one.number, kind=one.kind, gross=one.gross, currency=one.currency
            ),
            one.order_id,
        )
        for one in documents
    ]
    if facts:
        record_many(facts, model=Order, actor=actor)
    return [one.pk for one in documents]


def _number(drafts: Sequence[Draft]) -> None:
    groups: dict[tuple[int, str, int], list[Draft]] = defaultdict(list)
    for one in drafts:
        groups[one.seller.pk, one.document.kind, one.document.issued_on.year].append(one)
    for (_seller, kind, year), group in sorted(groups.items(), key=lambda item: item[0]):
        series, serials = draw_serials(seller=group[0].seller, kind=kind, year=year, count=len(group))
        for one, serial in zip(group, serials, strict=True):
            one.document.series, one.document.serial = series, serial
            one.document.number = numbered(series, serial)
