"""What customers are and did: the kinds of conditions that segments begin with."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import Category
from core.countries import country_name
from core.money import Currency, format_money, to_minor
from crm.conditions.registry import Choice, Input, SegmentKind, Value, chosen, whole, written
from crm.models import BuyerGroup, CustomerPattern, CustomerTag, PatternRun
from crm.models.pattern import PURCHASED
from customers.models import Customer
from orders.models import LineKind, Order, OrderLine, Return
from service.models import Ticket
from staff.models import Language

LONGEST = 3650  # days that a condition looks back
_DAYS = Input("days", gettext_lazy("within days"), default=365)
_TIMES = Input("times", gettext_lazy("so often or more"), default=1)


def _pattern(**found: Any) -> Q:
    """Return a condition on what the latest finished night knows of a customer."""
    run = PatternRun.objects.exclude(finished_at=None).order_by("-day").values("pk")[:1]
    return Q(Exists(CustomerPattern.objects.filter(run=Subquery(run), customer=OuterRef("pk"), **found)))


def _since(value: Value) -> Any:
    return timezone.now() - timedelta(days=whole(value, "days", most=LONGEST))


def _often(rows: "QuerySet[Any]", times: int) -> Q:
    """Return: rows of a customer (outer reference ``customer``) are at least so many."""
    mine = rows.filter(customer=OuterRef("pk"))
    if times == 1:
        return Q(Exists(mine))
    counted = mine.order_by().values("customer").annotate(found=Count("pk")).filter(found__gte=times)
    return Q(Exists(counted))


def _orders() -> "QuerySet[Order]":
    return Order.objects.filter(status__in=[status.value for status in PURCHASED])


def _lines(value: Value) -> "QuerySet[OrderLine]":
    bought = OrderLine.objects.filter(order__customer=OuterRef("pk"), kind=LineKind.PRODUCT)
    statuses = [status.value for status in PURCHASED]
    return bought.filter(order__status__in=statuses, order__placed_at__gte=_since(value))


def _currencies() -> list[Choice]:
    return [(code, code) for code in Currency.values]


def _countries() -> list[Choice]:
    codes = Customer.objects.exclude(country="").order_by("country").values_list("country", flat=True).distinct()
    return [(code, country_name(code)) for code in codes]


def _categories() -> list[Choice]:
    return [(str(pk), name) for pk, name in Category.objects.order_by("name").values_list("pk", "name")]


def _category(value: Value) -> int:
    text = written(value, "category")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _category_name(value: Value) -> str:
    return Category.objects.filter(pk=_category(value)).values_list("name", flat=True).first() or "?"


def _spent(value: Value) -> Q:
    currency = chosen(value, "currency", Currency.values)
    return _pattern(currency=currency, spent__gte=to_minor(Decimal(whole(value, "amount")), currency))


KINDS = (
    SegmentKind(
        code="group", label=gettext_lazy("Group of buyers"),
        inputs=[Input("group", pgettext_lazy("buyers", "group"), "choice", lambda: BuyerGroup.choices)],
        condition=lambda value: _pattern(group=chosen(value, "group", BuyerGroup.values)),
        sentence=lambda value: _("group: %(group)s") % {"group": BuyerGroup(value["group"]).label},
    ),
    SegmentKind(
        code="ordered", label=pgettext_lazy("condition", "Ordered"), inputs=[_TIMES, _DAYS],
        condition=lambda value: _often(_orders().filter(placed_at__gte=_since(value)), whole(value, "times")),
        sentence=lambda value: _("ordered %(times)s times or more within %(days)s days") % value,
    ),
    SegmentKind(
        code="bought_category", label=gettext_lazy("Bought from a category"),
        inputs=[Input("category", gettext_lazy("Category"), "choice", _categories), _DAYS],
        condition=lambda value: Q(Exists(_lines(value).filter(variant__product__category=_category(value)))),
        sentence=lambda value: _("bought from %(name)s within %(days)s days")
        % {"name": _category_name(value), "days": value["days"]},
    ),
    SegmentKind(
        code="bought_product", label=gettext_lazy("Bought a product"),
        inputs=[Input("product", gettext_lazy("Product code"), "text"), _DAYS],
        condition=lambda value: Q(Exists(_lines(value).filter(variant__product__code=written(value, "product")))),
        sentence=lambda value: _("bought %(product)s within %(days)s days") % value,
    ),
    SegmentKind(
        code="purchases", label=gettext_lazy("Purchases in all"), inputs=[_TIMES],
        condition=lambda value: _pattern(day_count__gte=whole(value, "times")),
        sentence=lambda value: _("bought on %(times)s days or more") % value,
    ),
    SegmentKind(
        code="spent", label=gettext_lazy("Spent in all"),
        inputs=[
            Input("amount", gettext_lazy("at least")),
            Input("currency", gettext_lazy("Currency"), "choice", _currencies),
        ],
        condition=_spent,
        sentence=lambda value: _("spent %(amount)s or more")
        % {"amount": format_money(to_minor(Decimal(value["amount"]), value["currency"]), value["currency"])},
    ),
    SegmentKind(
        code="lapsed", label=gettext_lazy("Lapsed"), inputs=[],
        condition=lambda _value: _pattern(is_lapsed=True),
        sentence=lambda _value: _("quiet for twice their own interval"),
    ),
    SegmentKind(
        code="expected", label=gettext_lazy("Next purchase expected"), inputs=[_DAYS],
        condition=lambda value: _pattern(
            next_on__gte=timezone.localdate(),
            next_on__lte=timezone.localdate() + timedelta(days=whole(value, "days", most=LONGEST)),
        ),
        sentence=lambda value: _("next purchase expected within %(days)s days") % value,
    ),
    SegmentKind(
        code="returned", label=gettext_lazy("Sent back"), inputs=[_TIMES, _DAYS],
        condition=lambda value: _often(Return.objects.filter(returned_at__gte=_since(value)), whole(value, "times")),
        sentence=lambda value: _("sent back %(times)s times or more within %(days)s days") % value,
    ),
    SegmentKind(
        code="wrote", label=gettext_lazy("Wrote to us"), inputs=[_TIMES, _DAYS],
        condition=lambda value: _often(Ticket.objects.filter(created_at__gte=_since(value)), whole(value, "times")),
        sentence=lambda value: _("wrote %(times)s times or more within %(days)s days") % value,
    ),
    SegmentKind(
        code="country", label=gettext_lazy("Country"),
        inputs=[Input("country", gettext_lazy("Country"), "choice", _countries)],
        condition=lambda value: Q(country=written(value, "country")),
        sentence=lambda value: _("country: %(country)s") % {"country": country_name(value["country"])},
    ),
    SegmentKind(
        code="language", label=gettext_lazy("Language"),
        inputs=[Input("language", gettext_lazy("Language"), "choice", lambda: Language.choices)],
        condition=lambda value: Q(language=chosen(value, "language", Language.values)),
        sentence=lambda value: _("language: %(language)s") % {"language": Language(value["language"]).label},
    ),
    SegmentKind(
        code="tag", label=gettext_lazy("Tag"), inputs=[Input("tag", gettext_lazy("Tag"), "text")],
        condition=lambda value: Q(
            Exists(CustomerTag.objects.filter(customer=OuterRef("pk"), tag__name=written(value, "tag").lower()))
        ),
        sentence=lambda value: _("tag: %(tag)s") % value,
    ),
)  # fmt: skip
