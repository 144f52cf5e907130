"""Takes papers back, wholly or in part, by another paper that cites them."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.models import CORRECTED_BY, DocumentKind, DocumentTax, IssuedDocument
from accounting.policies import can_correct
from accounting.selectors.taxing import Rate, RateSum, tax_within
from accounting.services.issuing.issuing import keep_drafts
from accounting.services.issuing.storing import discard_files
from accounting.services.issuing.wishes import Draft, taxed
from core.commands import once
from core.errors import InvalidInput
from core.money import format_money
from orders.models import Return
from orders.services.batches import check_right, lock_order
from staff.models import User


def issue_correction(
    *,
    document_id: int,
    amounts: Mapping[int, int] | None = None,
    reason: str,
    record_id: int | None = None,
    key: str = "",
    actor: User | None = None,
) -> IssuedDocument:
    """Issue the paper that takes back ``amounts`` (minor units with tax by order line); None: all that is left.

    With ``record_id`` what came back with that return, as it was recorded. The tax of each rate is rounded once; with
    the last part exactly the rest of the tax goes back. InvalidInput for nothing, for more of a rate than is left, for
    lines that are not on the paper, for a return that is cited already.
    """
    check_right(can_correct, actor)
    written: list[str] = []

    @transaction.atomic  # not around ``once``: a kept refusal must outlive it
    def run() -> int:
        return _correct(document_id, amounts, reason.strip(), record_id, written, actor)

    parameters = {"document": document_id, "amounts": sorted((amounts or {}).items()), "record": record_id}
    try:
        pk = once(key=f"accounting.correct:{key}", parameters=parameters, run=run) if key else run()
    except BaseException:
        discard_files(written)
        raise
    return IssuedDocument.objects.get(pk=pk)


def _correct(
    document_id: int, amounts: Mapping[int, int] | None, reason: str, record_id: int | None, written: list[str],
    actor: User | None,
) -> int:  # fmt: skip
    original = IssuedDocument.objects.select_related("series__seller").get(pk=document_id)
    lock_order(original.order_id)
    kind = CORRECTED_BY.get(DocumentKind(original.kind))
    if kind is None:
        raise InvalidInput(_("This paper bills nothing, so there is nothing to take back."))
    if not reason:
        raise InvalidInput(_("Say why it is taken back."))
    if record_id is not None:
        amounts = _of_return(original, record_id)
    left = left_by_rate(original)
    wanted = {rate: sums.gross for rate, sums in left.items()} if amounts is None else _by_rate(original, amounts)
    sums = [_taken(left[rate], gross, original) for rate, gross in wanted.items() if gross]
    if not sums:
        raise InvalidInput(_("Nothing of this paper is left to take back."))
    draft = _draft(original, kind, sums, amounts, reason, record_id, actor)
    return keep_drafts([draft], written=written, actor=actor)[0]


def _of_return(original: IssuedDocument, record_id: int) -> dict[int, int]:
    """Return what came back with a return, by order line."""
    record = Return.objects.filter(pk=record_id, order=original.order_id).first()
    if record is None:
        raise InvalidInput(_("This return does not belong to the order."))
    if IssuedDocument.objects.filter(corrects=original, record=record).exists():
        raise InvalidInput(_("A paper cites this return already."))
    amounts: dict[int, int] = defaultdict(int)
    for line_id, total in record.lines.filter(order_line__isnull=False).values_list("order_line_id", "total"):
        amounts[line_id] += total
    return dict(amounts)


def left_by_rate(original: IssuedDocument) -> dict[Rate, RateSum]:
    """Return what corrections have left of each rate of a paper."""
    left: dict[Rate, RateSum] = {}
    papers = [original.pk, *IssuedDocument.objects.filter(corrects=original).values_list("pk", flat=True)]
    for one in DocumentTax.objects.filter(document__in=papers).order_by("pk"):
        rate = Rate(one.tax_class, one.percent)
        before = left.get(rate, RateSum(rate, 0, 0, 0))
        left[rate] = RateSum(rate, before.gross + one.gross, before.net + one.net, before.tax + one.tax)
    return left


def _by_rate(original: IssuedDocument, amounts: Mapping[int, int]) -> dict[Rate, int]:
    """Return the amounts by the rates at which their lines were billed."""
    rates = {line["line"]: Rate(line["tax_class"], Decimal(line["percent"])) for line in original.data["lines"]}
    found: dict[Rate, int] = defaultdict(int)
    for line_id, amount in amounts.items():
        if line_id not in rates:
            raise InvalidInput(_("A line is not on this paper. Reload the page."))
        found[rates[line_id]] += amount
    return found


def _taken(left: RateSum, gross: int, original: IssuedDocument) -> RateSum:
    if not 0 < gross <= left.gross:
        raise InvalidInput(
            _("Of what is taxed at %(percent)s %% only %(left)s is left to take back.")
            % {"percent": f"{left.rate.percent.normalize():f}", "left": format_money(left.gross, original.currency)}
        )
    rounding = original.data["seller"]["rounding"]
    tax = left.tax if gross == left.gross else min(tax_within(gross, left.rate.percent, rounding), left.tax)
    return RateSum(left.rate, -gross, tax - gross, -tax)


def _draft(
    original: IssuedDocument, kind: str, sums: list[RateSum], amounts: Mapping[int, int] | None, reason: str,
    record_id: int | None, actor: User | None,
) -> Draft:  # fmt: skip
    day = timezone.localdate()
    seller = original.series.seller
    data: dict[str, Any] = {
        **{name: value for name, value in original.data.items() if name not in ("local_currency", "local_rate")},
        "cites": original.number,
        "cited_on": original.issued_on.isoformat(),
        "reason": reason,
        "lines": _lines(original, amounts),
    }
    document = IssuedDocument(
        kind=kind, order_id=original.order_id, corrects=original, record_id=record_id, language=original.language,
        currency=original.currency, issued_on=day, recipient=original.recipient, data=data, issued_by=actor,
        gross=sum(one.gross for one in sums), net=sum(one.net for one in sums), tax=sum(one.tax for one in sums),
    )  # fmt: skip
    return Draft(document, taxed(document, sums, seller), seller)


def _lines(original: IssuedDocument, amounts: Mapping[int, int] | None) -> list[dict[str, Any]]:
    """Return the lines that are taken back; ``amounts`` None: all of them."""
    if amounts is None:
        return [{**line, "total": -line["total"]} for line in original.data["lines"]]
    return [
        {**line, "total": -amounts[line["line"]], "quantity": 0}
        for line in original.data["lines"]
        if line["line"] in amounts
    ]
