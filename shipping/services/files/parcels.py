"""Orders as parcels of a carrier file: what each column may say, in a fixed number of statements for many orders."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from addresses.fitting import AddressBudget, AddressParts, BudgetLine, Fitted, Measure, fit, fit_text
from core.money import to_decimal
from core.search import fold
from orders.models import Allocation, Gift, LineKind, Order, OrderLine
from shipping.models import Carrier, Sender, SlipKind, Temperature
from shipping.services.files.definitions import OutDefinition
from shipping.services.files.writing import Row, day_text

COD_WORDS = ("代金引換", "代引", "cash on delivery", "cod", "후불", "대금교환", "착불결제")
_MORNING = ("午前", "오전", "morning", "am")
_HOUR = re.compile(r"(\d{1,2})(?:[:時시]\d{0,2})?")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the person who makes the file says of all its parcels."""

    ship_on: date
    temperature: Temperature = Temperature.NORMAL
    box_count: int = 1
    kind: SlipKind | None = None  # None: cash on delivery where the order says so, else prepaid


@dataclass(kw_only=True)
class Parcel:
    """One order as the carrier's file would show it; ``problems`` keep it out of the file, ``warnings`` do not."""

    order: Order
    kind: SlipKind
    wanted: Wanted
    cod_amount: int = 0
    address: Fitted | None = None
    recipient: Fitted | None = None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    row: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Goods:
    """What is in the parcels of many orders: texts, weights, the warehouses they lie in, and which are presents."""

    texts: Mapping[int, str]
    weights: Mapping[int, int]
    warehouses: Mapping[int, set[int]]
    gifts: frozenset[int]


def slot_key(text: str) -> str:
    """Return a wished time of day as formats know it: "am", "14-16"; an empty text for none or an unknown one."""
    plain = unicodedata.normalize("NFKC", text).lower()
    hours = [int(hour) for hour in _HOUR.findall(plain)]
    if len(hours) >= 2 and hours[0] < hours[1] <= 24:
        return f"{hours[0]}-{hours[1]}"
    return "am" if not hours and any(word in plain for word in _MORNING) else ""


def collects_money(order: Order) -> bool:
    """Tell whether the carrier has to collect money at the door."""
    method = fold(order.payment_method)
    return not order.is_prepaid and order.total > order.paid_total and any(word in method for word in COD_WORDS)


def parcels_of(orders: Sequence[Order], definition: OutDefinition, carrier: Carrier, wanted: Wanted) -> list[Parcel]:
    """Return the orders as parcels, fitted into the carrier's lines, each with what speaks against it."""
    goods = _goods_of(orders)
    senders = list(Sender.objects.filter(warehouse__in={w for ws in goods.warehouses.values() for w in ws}))
    parcels = []
    for order in orders:
        cod = wanted.kind is None and collects_money(order)
        kind = wanted.kind or (SlipKind.COD if cod else SlipKind.PREPAID)
        due = order.total - order.paid_total if kind == SlipKind.COD else 0
        parcel = Parcel(order=order, kind=kind, wanted=wanted, cod_amount=max(due, 0))
        _fit(parcel, definition, carrier)
        _judge(parcel, definition, goods)
        parcel.row = _row(parcel, definition, goods, _sender(senders, goods, parcel, carrier))
        parcels.append(parcel)
    return parcels


def budget_of(definition: OutDefinition, carrier: Carrier, *, for_name: bool = False) -> AddressBudget | None:
    """Return the lines of the format, else those of the carrier; None where neither knows any."""
    told = definition.recipient if for_name else definition.address
    widths = carrier.name_widths if for_name else carrier.address_widths
    if told is not None or not widths:
        return told
    lines = tuple(BudgetLine(column=str(place), width=width) for place, width in enumerate(widths, 1))
    return AddressBudget(lines=lines, measure=Measure.COLUMNS, encoding=definition.encoding)


def _fit(parcel: Parcel, definition: OutDefinition, carrier: Carrier) -> None:
    order = parcel.order
    if budget := budget_of(definition, carrier):
        parts = AddressParts(
            country=order.country, region=order.region, city=order.city,
            street=order.address_1, building=order.address_2,
        )  # fmt: skip
        parcel.address = fit(parts, budget)
        _take_problems(parcel, parcel.address)
    if budget := budget_of(definition, carrier, for_name=True):
        parcel.recipient = fit_text(order.recipient_name, budget)
        _take_problems(parcel, parcel.recipient)


def _take_problems(parcel: Parcel, fitted: Fitted) -> None:
    for problem in fitted.problems:
        (parcel.warnings if problem.code == "cut_word" else parcel.problems).append(problem.sentence)


def _judge(parcel: Parcel, definition: OutDefinition, goods: _Goods) -> None:
    order = parcel.order
    told = {
        "phone": order.recipient_phone,
        "postcode": order.postcode,
        "address": order.address_1 or order.city,
        "name": order.recipient_name,
    }
    names = {
        "phone": _("the recipient’s phone"),
        "postcode": _("the postcode"),
        "address": _("the address"),
        "name": _("the recipient’s name"),
    }
    if lacking := [names[name] for name in definition.required if not told.get(name, "-").strip()]:
        parcel.problems.append(_("The carrier asks for: %(fields)s.") % {"fields": ", ".join(lacking)})
    if len(goods.warehouses.get(order.pk, ())) > 1:
        parcel.problems.append(_("Its pieces lie in several warehouses: ship it by itself."))
    if definition.word("slip_kind", parcel.kind) is None or (parcel.kind == SlipKind.COD and not _tells(definition)):
        parcel.problems.append(_("This file has no slip “%(kind)s”.") % {"kind": parcel.kind.label})
    if definition.word("temperature", parcel.wanted.temperature) is None:
        kind = parcel.wanted.temperature.label
        parcel.problems.append(_("This file knows no temperature “%(kind)s”.") % {"kind": kind})
    if parcel.kind == SlipKind.COD and not parcel.cod_amount:
        parcel.problems.append(_("Nothing is left to collect."))
    wishes = bool(order.delivery_slot and definition.word("slot", slot_key(order.delivery_slot)) is None)
    if wishes or (order.delivery_slot and not definition.says("slot")):
        parcel.warnings.append(_("The carrier has no time of day like “%(slot)s”.") % {"slot": order.delivery_slot})
    if order.delivery_on and not definition.says("delivery_on"):
        parcel.warnings.append(_("The file has no column for the wished day."))


def _tells(definition: OutDefinition) -> bool:
    return definition.says("cod_amount")


def _row(parcel: Parcel, definition: OutDefinition, goods: _Goods, sender: Sender | None) -> Row:
    order, wanted = parcel.order, parcel.wanted
    cod = f"{to_decimal(parcel.cod_amount, order.currency):f}" if parcel.cod_amount else ""
    row: dict[str, str | Mapping[str, str]] = {
        "order_number": order.number,
        "external_number": order.external_number,
        "sales_channel": order.sales_channel.name,
        "ship_on": day_text(definition, wanted.ship_on),
        "delivery_on": day_text(definition, order.delivery_on),
        "slot": definition.word("slot", slot_key(order.delivery_slot)) or "",
        "phone": order.recipient_phone,
        "postcode": order.postcode,
        "address": parcel.address.columns if parcel.address else _whole(order),
        "name": parcel.recipient.columns if parcel.recipient else order.recipient_name,
        "kana": order.recipient_kana,
        "email": order.buyer_email,
        "items": goods.texts.get(order.pk, ""),
        "note": order.customer_note,
        "slip_kind": definition.word("slip_kind", parcel.kind) or "",
        "temperature": definition.word("temperature", wanted.temperature) or "",
        "cod_amount": cod,
        "box_count": str(wanted.box_count),
        "weight_g": str(goods.weights.get(order.pk) or ""),
        "gift": (definition.word("gift", "yes") or "") if order.pk in goods.gifts else "",
    }
    if sender is not None:
        row |= {
            "sender_name": sender.name,
            "sender_phone": sender.phone,
            "sender_postcode": sender.postcode,
            "sender_address": sender.address,
            "sender_building": sender.building,
            "customer_code": sender.customer_code,
            "freight_code": sender.freight_code,
        }
    return row


def _whole(order: Order) -> str:
    return " ".join(part for part in (order.region, order.city, order.address_1, order.address_2) if part)


def _sender(senders: Iterable[Sender], goods: _Goods, parcel: Parcel, carrier: Carrier) -> Sender | None:
    places = goods.warehouses.get(parcel.order.pk, set())
    fitting = [s for s in senders if s.warehouse_id in places and s.carrier_id in {None, carrier.pk}]
    return min(fitting, key=lambda sender: sender.carrier_id is None, default=None)


def _goods_of(orders: Sequence[Order]) -> _Goods:
    ids = [order.pk for order in orders]
    texts: dict[int, list[str]] = defaultdict(list)
    weights: dict[int, int] = defaultdict(int)
    lines = OrderLine.objects.filter(order_id__in=ids, kind=LineKind.PRODUCT).select_related("variant")
    for line in lines.order_by("order_id", "position", "pk"):
        left = line.open_count
        if not left:
            continue
        texts[line.order_id].append(f"{line.name} ×{left}" if left > 1 else line.name)
        weights[line.order_id] += left * ((line.variant.weight_g if line.variant else 0) or 0)
    warehouses: dict[int, set[int]] = defaultdict(set)
    held = (
        Allocation.objects.filter(line__order_id__in=ids)
        .annotate(left=F("reservation__quantity") - F("reservation__released") - F("reservation__shipped"))
        .filter(left__gt=0)
        .values_list("line__order_id", "reservation__stock_item__warehouse_id")
        .annotate(total=Sum("left"))
    )
    for order_id, warehouse_id, _total in held:
        warehouses[order_id].add(warehouse_id)
    gifts = frozenset(Gift.objects.filter(order_id__in=ids).values_list("order_id", flat=True))
    return _Goods({pk: ", ".join(told) for pk, told in texts.items()}, weights, warehouses, gifts)
