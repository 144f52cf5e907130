"""All that the profit of order lines is worked out from, read for a batch of orders in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Q, Sum

from accounting.models import SettlementKind, SettlementLine, SettlementState
from accounting.selectors.billing import Sellers
from accounting.selectors.settling import CUSTOMERS_MONEY
from accounting.selectors.taxing import TaxTable, taxing_country
from accounting.selectors.terms import FeeTable, TermsTable
from core.errors import InvalidInput
from core.money import to_decimal, to_minor
from inventory.costing import costs_of_prices
from orders.models import Allocation, Order, OrderLine, Payment, PaymentKind, ReturnLine, ShipmentLine
from payments.models import RefundLine, RefundState
from purchasing.models import ExchangeRate, VariantValue
from purchasing.selectors.costs import SoldCost, cost_of_sales
from shipping.models import ParcelCost

_K = SettlementKind
ZERO = Decimal(0)


@dataclass
class Settled:
    """What statements say of one order, or of one of its lines; minor units."""

    money: int = 0  # what customers paid, as the channel passes it on
    fee: int = 0
    points: int = 0
    refund: int = 0
    has_sale: bool = False
    has_fee: bool = False


@dataclass
class Sent:
    """One parcel: pieces by line, and what it cost; None where nobody knows."""

    pieces: dict[int, int] = field(default_factory=dict)
    cost: int | None = None


@dataclass
class CameBack:
    """Pieces of a line that came back: their value (minor units), and how many are for sale again."""

    value: int = 0
    restocked: int = 0


class Rates:
    """Exchange rates to and from the shop's currency, read once."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[object, Decimal]]] = defaultdict(list)
        for currency, starts_on, rate in ExchangeRate.objects.order_by("-starts_on").values_list(
            "currency", "starts_on", "rate"
        ):
            self._rows[currency].append((starts_on, rate))

    def of(self, currency: str, day: object) -> Decimal | None:
        """Return what one unit is worth in the shop's currency on that day; the first known one for days before it."""
        if currency == settings.SHOP_CURRENCY:
            return Decimal(1)
        rows = self._rows.get(currency, [])
        return next((rate for starts_on, rate in rows if starts_on <= day), rows[-1][1] if rows else None)  # type: ignore[operator]

    def exchange(self, amount: Decimal, source: str, target: str, day: object) -> int | None:
        """Return minor units of ``source`` as whole minor units of ``target``, None without a rate."""
        if source == target:
            return to_minor(_major(amount, source), target)
        from_rate, to_rate = self.of(source, day), self.of(target, day)
        if from_rate is None or to_rate is None:
            return None
        return to_minor(_major(amount, source) * from_rate / to_rate, target)


def _major(amount: Decimal, currency: str) -> Decimal:
    return amount * to_decimal(1, currency)


class Facts:
    """The facts about a batch of orders, by order or line id."""

    def __init__(self, orders: Collection[Order]) -> None:
        self.orders = {order.pk: order for order in orders}
        self.channels = {order.sales_channel_id for order in orders}
        self.fees, self.terms, self.rates = FeeTable(self.channels), TermsTable(self.channels), Rates()
        self.lines = self._read_lines()
        self._read_taxes()
        self.settled, self.settled_lines = self._read_settlements()
        self.paid, self.refunds = self._read_payments()
        self.refund_lines = self._read_refund_lines()
        self.came_back = self._read_returns()
        self.parcels = self._read_parcels()
        self.sold = self._read_costs()
        self.replaced = set(
            Order.objects.filter(original__in=self.orders).values_list("original_id", flat=True)
        )  # goods came back for other goods, not for money
        variants = {line.variant_id for lines in self.lines.values() for line in lines if line.variant_id}
        self.averages = {
            pk: (average, known)
            for pk, average, known in VariantValue.objects.filter(variant__in=variants, average_cost__gt=0).values_list(
                "variant", "average_cost", "is_complete"
            )
        }
        self.prices = {
            currency: costs_of_prices(variants, 0, currency) for currency in {o.currency for o in orders}
        }  # one statement a currency

    def _read_lines(self) -> dict[int, list[OrderLine]]:
        lines: dict[int, list[OrderLine]] = defaultdict(list)
        rows = OrderLine.objects.filter(order__in=self.orders).select_related("variant__product")
        for line in rows.order_by("position", "pk"):
            lines[line.order_id].append(line)
        return lines

    def _read_taxes(self) -> None:
        sellers, countries = Sellers(), set()
        self.sellers = {}
        for order in self.orders.values():
            try:
                seller = sellers.of(order)
            except InvalidInput:  # nobody is named: what tax is in it nobody knows
                continue
            self.sellers[order.pk] = (seller, taxing_country(seller, order.country))
            countries.add(self.sellers[order.pk][1])
        self.taxes = TaxTable(countries)

    def _read_settlements(self) -> tuple[dict[int, Settled], dict[int, Settled]]:
        """Return the sums by order of lines that name no order line, and by order line; money and refunds by order."""
        by_order: dict[int, Settled] = defaultdict(Settled)
        by_line: dict[int, Settled] = defaultdict(Settled)
        rows = (
            SettlementLine.objects.filter(order__in=self.orders)
            .exclude(settlement__state=SettlementState.UNDONE)
            .order_by()
            .values_list("order", "order_line")
            .annotate(
                money=Sum("amount", filter=CUSTOMERS_MONEY, default=0),
                sales=Sum("amount", filter=Q(kind=_K.SALE), default=0),
                fee=Sum("amount", filter=_CHARGES, default=0),
                points=Sum("amount", filter=Q(kind=_K.POINTS, amount__lt=0), default=0),
                refund=Sum("amount", filter=Q(kind=_K.REFUND), default=0),
            )
        )
        for order_id, line_id, money, sales, fee, points, refund in rows:
            whole, part = by_order[order_id], by_line[line_id] if line_id else by_order[order_id]
            whole.money += money
            whole.refund += refund
            whole.has_sale |= sales != 0
            part.fee += fee
            part.has_fee |= fee != 0
            part.points += points
        return by_order, by_line

    def _read_payments(self) -> tuple[dict[int, int], dict[int, int]]:
        paid: dict[int, int] = defaultdict(int)
        refunds: dict[int, int] = defaultdict(int)
        rows = Payment.objects.filter(order__in=self.orders).order_by()
        for order_id, kind, amount in rows.values_list("order", "kind").annotate(amount=Sum("amount")):
            (refunds if kind == PaymentKind.REFUND else paid)[order_id] += amount
        return paid, refunds

    def _read_refund_lines(self) -> dict[int, int]:
        rows = RefundLine.objects.filter(refund__order__in=self.orders, refund__state=RefundState.SENT).order_by()
        return dict(rows.values_list("order_line").annotate(amount=Sum("amount")))

    def _read_returns(self) -> dict[int, CameBack]:
        found: dict[int, CameBack] = defaultdict(CameBack)
        rows = ReturnLine.objects.filter(record__order__in=self.orders, order_line__isnull=False)
        for line_id, total, quantity, restocked in rows.values_list(
            "order_line", "total", "quantity", "is_restocked"
        ):  # fmt: skip
            if line_id is not None:
                found[line_id].value += total
                found[line_id].restocked += quantity if restocked else 0
        return found

    def _read_parcels(self) -> dict[int, list[Sent]]:
        """Return the parcels of each order; the cost of one that several orders share is shared by their number."""
        parcels: dict[int, Sent] = {}
        of_order: dict[int, int] = {}
        rows = ShipmentLine.objects.filter(shipment__order__in=self.orders)
        for shipment_id, order_id, line_id, quantity in rows.values_list(
            "shipment", "shipment__order", "line", "quantity"
        ):
            parcels.setdefault(shipment_id, Sent()).pieces[line_id] = quantity
            of_order[shipment_id] = order_id
        costs = ParcelCost.objects.filter(shipment__in=parcels).annotate(
            amount_minor=F("base_amount") + F("surcharge_amount")
        )
        for shipment_id, amount, currency in costs.values_list("shipment", "amount_minor", "currency"):
            order = self.orders[of_order[shipment_id]]
            parcels[shipment_id].cost = self.rates.exchange(
                Decimal(amount), currency, order.currency, order.placed_at.date()
            )
        found: dict[int, list[Sent]] = defaultdict(list)
        for shipment_id in sorted(parcels):
            found[of_order[shipment_id]].append(parcels[shipment_id])
        return found

    def _read_costs(self) -> dict[int, SoldCost]:
        """Return what the shipped pieces of each line cost, in minor units of the shop's currency."""
        lines = dict(Allocation.objects.filter(line__order__in=self.orders).values_list("reservation", "line"))
        found: dict[int, SoldCost] = {}
        for reservation_id, cost in cost_of_sales(reservation_ids=lines.keys()).items():
            before = found.get(lines[reservation_id], SoldCost(0, ZERO, ZERO, is_known=True))
            found[lines[reservation_id]] = SoldCost(
                before.quantity + cost.quantity,
                before.average + cost.average,
                before.fifo + cost.fifo,
                before.is_known and cost.is_known,
            )
        return found


# what the channel takes for selling: its fees, and all that it settles under other names
_CHARGES = Q(kind__in=[_K.FEE, _K.ADJUSTMENT, _K.OTHER]) | Q(kind=_K.SHIPPING, amount__lt=0)
