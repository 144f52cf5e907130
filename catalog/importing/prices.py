"""Prices out of a file, through the service that sets many at once; what is priced on a channel is planned there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing.columns import with_channel
from catalog.importing.known import variants_by_sku
from catalog.importing.touched import Touched
from catalog.models import Listing, ListingState, Price, PriceProposal, ProposalState, SalesChannel
from catalog.services.prices.many import CLEARABLE, PriceOutcome, PriceRow, PriceSet, PriceState, set_prices
from catalog.services.prices.proposing import withdraw_price
from catalog.services.prices.undoing import undo_prices
from core.copying import copy_rows, draw_ids
from core.errors import DomainError
from core.models import TableChange
from core.money import parse_amount, to_decimal
from core.resources import MomentWidget, Part, PartRow, PartRun, settle
from core.resources.choices import CHANGED, is_blank, is_clear_mark

# our columns -> of a price
AMOUNTS = {"price": "amount", "compare_at": "compare_at", "list_price": "list_price", "cost": "cost"}
MOMENTS = {"price_from": "starts_at", "price_until": "ends_at"}


class PricePart(Part):
    """Prices of variants on one channel, keyed by SKU, in major units of the channel's currency."""

    model = Price

    def __init__(self, channel: SalesChannel, touched: Touched) -> None:
        columns = {with_channel(name, channel.code): name for name in (*AMOUNTS, *MOMENTS, "currency")}
        super().__init__(
            f"price[{channel.code}]",
            columns={"sku": "variant", **columns},
            keys=["variant"],
            label=f"catalog.price.{channel.pk}",
        )
        self.channel = channel
        self.touched = touched

    def wants(self, given: Any) -> bool:
        """Tell whether the file has amounts of this channel."""
        return bool(set(given) & AMOUNTS.keys())

    def concerns(self, cells: Mapping[str, Any]) -> bool:
        """Tell whether the row has an amount, or clears one."""
        return any(not is_blank(cells.get(name)) for name in AMOUNTS)

    def apply(self, run: PartRun) -> None:
        """Set the prices; NotAllowed without the right refuses the file as a whole."""
        rows = run.good_rows()
        variants = variants_by_sku(_sku(row) for row in rows)
        wanted = [(row, wish) for row in rows if (wish := self._wish(run, row, variants)) is not None]
        outcomes = set_prices(rows=[wish for _row, wish in wanted], actor=run.user)
        before = self._values_before(outcomes)
        priced: dict[int, PartRow] = {}
        for (row, wish), outcome in zip(wanted, outcomes, strict=True):
            if outcome.state == PriceState.REFUSED:
                run.refuse(row, _column_of(wish), outcome.sentence)
                continue
            priced.setdefault(variants[_sku(row)][1], row)
            if outcome.state == PriceState.UNCHANGED:
                continue
            run.told(row, CHANGED, self._shown(wish, outcome, before))
            self._keep(run, row, outcome)
        self._plan(run, priced)

    # --- rows

    def _wish(self, run: PartRun, row: PartRow, variants: Mapping[str, tuple[int, int]]) -> PriceRow | None:
        """Return the row as the service takes it, None when it was refused."""
        if _sku(row) not in variants:
            run.refuse(row, "variant", _("There is no variant with this SKU."))
            return None
        clear = {name for ours, name in AMOUNTS.items() if self._clears(run, row, ours)}
        values: dict[str, Any] = {
            name: self._read(run, row, ours, lambda text: parse_amount(text, self.channel.currency))
            for ours, name in AMOUNTS.items()
            if name not in clear and not is_blank(row.cells.get(ours))
        }
        for ours, name in MOMENTS.items():
            if not is_blank(row.cells.get(ours)):
                values[name] = self._read(run, row, ours, MomentWidget().clean)
        if is_clear_mark(row.cells.get("price")):
            run.refuse(row, "price", _("A price cannot be cleared. End it on the product's page."))
        if run.is_refused(row):
            return None
        currency = str(row.cells.get("currency") or "").strip().upper()
        return PriceRow(
            variant_id=variants[_sku(row)][0], sales_channel_id=self.channel.pk, clear=clear & CLEARABLE,
            currency=currency, **values,
        )  # fmt: skip

    @staticmethod
    def _clears(run: PartRun, row: PartRow, column: str) -> bool:
        cell = row.cells.get(column)
        return is_clear_mark(cell) or (run.choices.clears_blanks and column in row.cells and is_blank(cell))

    @staticmethod
    def _read(run: PartRun, row: PartRow, column: str, read: Any) -> int | datetime | None:
        try:
            return read(str(row.cells[column]))  # type: ignore[no-any-return]
        except (DomainError, ValueError) as error:
            run.refuse(row, column, str(error))
            return None

    # --- what is told

    @staticmethod
    def _values_before(outcomes: Sequence[PriceOutcome]) -> dict[int, Any]:
        return {id(one): one.done.before for one in outcomes if one.done is not None}

    def _shown(self, wish: PriceRow, outcome: PriceOutcome, before: Mapping[int, Any]) -> dict[str, tuple[Any, Any]]:
        old = before.get(id(outcome))
        shown = {}
        for ours, name in AMOUNTS.items():
            new = getattr(wish, name)
            if new is None and name not in wish.clear:
                continue
            shown[ours] = (self._major(getattr(old, name, None)), self._major(new))
        if outcome.state == PriceState.WAITING and "price" in shown:
            shown["price"] = (shown["price"][0], f"{shown['price'][1]} ({outcome.sentence})")
        return {name: pair for name, pair in shown.items() if pair[0] != pair[1]}

    def _major(self, amount: int | None) -> str:
        return "" if amount is None else str(to_decimal(amount, self.channel.currency))

    def _keep(self, run: PartRun, row: PartRow, outcome: PriceOutcome) -> None:
        if outcome.done is not None:
            after = {"kind": "price", **outcome.done.as_data()}
            run.keep(row, object_id=outcome.done.price_id, created=outcome.done.before is None, after=after)
        elif outcome.proposal_id is not None:
            run.keep(row, object_id=outcome.proposal_id, created=True, after={"kind": "proposal"})

    def _plan(self, run: PartRun, priced: Mapping[int, PartRow]) -> None:
        """Give each priced product its place on the channel."""
        known = set(
            Listing.objects.filter(product__in=priced, sales_channel=self.channel).values_list("product_id", flat=True)
        )
        new = [pk for pk in priced if pk not in known]
        ids = draw_ids(Listing, len(new))
        copy_rows(
            Listing,
            ("id", "product_id", "sales_channel_id", "state", "external_code", "reason"),
            (
                (pk, product, self.channel.pk, ListingState.PLANNED.value, "", "")
                for pk, product in zip(ids, new, strict=True)
            ),
        )
        for pk, product in zip(ids, new, strict=True):
            row = priced[product]
            run.keep(row, object_id=pk, created=True, after={"kind": "listing"})
            if row.index not in run.outcomes:
                run.told(row, CHANGED)

    # --- back

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Take prices back: those that no customer ever saw go, others end and what held before holds again."""
        of_kind: dict[str, list[TableChange]] = {"price": [], "proposal": [], "listing": []}
        for change in changes:
            of_kind[change.after["kind"]].append(change)
        unseen = self._unseen(of_kind["price"])
        _remove(unseen)
        rest = [change for change in of_kind["price"] if change not in unseen]
        answers = undo_prices(done=[PriceSet.from_data(change.after) for change in rest], actor=user)
        for change, error in zip(rest, answers, strict=True):
            settle(change, "" if error is None else str(error))
        for change in of_kind["proposal"]:
            _withdraw(change, user)
        planned = {pk for pk, in Listing.objects.filter(
            pk__in=[change.object_id for change in of_kind["listing"]], state=ListingState.PLANNED
        ).values_list("pk")}  # fmt: skip
        Listing.objects.filter(pk__in=planned).delete()
        for change in of_kind["listing"]:
            settle(change, "" if change.object_id in planned else _("The product is or was sold there by now."))

    def _unseen(self, changes: Sequence[TableChange]) -> list[TableChange]:
        """Return the first prices of products that were never offered on the channel, if nothing came after them."""
        new = {change.object_id: change for change in changes if change.created}
        shown = Listing.objects.filter(sales_channel=self.channel).exclude(state=ListingState.PLANNED)
        rows = Price.objects.filter(pk__in=new).exclude(variant__product__in=shown.values("product_id"))
        prices = {price.pk: price for price in rows}
        counts: dict[int, int] = {}
        for (variant,) in Price.objects.filter(
            sales_channel=self.channel, variant__in=[price.variant_id for price in prices.values()]
        ).values_list("variant_id"):
            counts[variant] = counts.get(variant, 0) + 1
        found = []
        for pk, price in prices.items():
            values = [price.amount, price.compare_at, price.list_price, price.cost]
            if counts[price.variant_id] == 1 and values == list(new[pk].after["values"]):
                found.append(new[pk])
        return found


def _remove(changes: Sequence[TableChange]) -> None:
    Price.objects.filter(pk__in=[change.object_id for change in changes]).delete()
    for change in changes:
        settle(change)


def _withdraw(change: TableChange, user: Any) -> None:
    if not PriceProposal.objects.filter(pk=change.object_id, state=ProposalState.WAITING).exists():
        settle(change, _("It was decided already."))
        return
    try:
        withdraw_price(proposal_id=change.object_id, actor=user)
    except DomainError as error:
        settle(change, str(error))
    else:
        settle(change, "")


def _sku(row: PartRow) -> str:
    return str(row.cells["variant"]).strip()


def _column_of(wish: PriceRow) -> str:
    if wish.ends_at is not None and wish.starts_at is not None and wish.ends_at <= wish.starts_at:
        return "price_until"
    if wish.compare_at is not None and wish.amount is not None and wish.compare_at <= wish.amount and wish.amount >= 0:
        return "compare_at"
    return "price" if wish.amount is not None else ""
