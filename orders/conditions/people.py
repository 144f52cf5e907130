"""Held for who ordered and where it goes: notes, addresses, readings, customs codes, returns, first orders."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.models import SalesChannel
from core.errors import InvalidInput
from core.money import format_money
from orders.conditions.addresses import address_checks
from orders.conditions.goods import amount_fields, at_least, fill_amount, listed, read_amount, whole
from orders.conditions.registry import ConditionKind, Fields
from orders.models import Order, OrderStatus, Return

LONGEST = 730  # days that a rule looks back
CUSTOMS_CODE = r"^P\d{12}$"


def _ticked(name: str, label: Any, help_text: Any = "") -> Fields:
    return {name: forms.BooleanField(label=label, required=False, help_text=help_text)}


def _yes(value: Any, condition: Q) -> Q:
    if value is not True:
        raise InvalidInput(_("A condition names nothing."))
    return condition


# --- address


def _address_fields() -> Fields:
    return {
        "address": forms.MultipleChoiceField(
            label=gettext_lazy("Address looks odd"),
            choices=[(check.code, check.label) for check in address_checks().values()],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=gettext_lazy("One of them is enough."),
        )
    }


def _address_condition(value: Any) -> Q:
    checks = address_checks()
    found = Q()
    for code in listed(value, str):
        if code not in checks:
            raise InvalidInput(_("There is no check of addresses called “%(code)s”.") % {"code": code[:40]})
        found |= checks[code].condition()
    return found


def _address_sentence(value: Any) -> str:
    checks = address_checks()
    names = [str(checks[code].label) if code in checks else code for code in value]
    return _("address: %(checks)s") % {"checks": _(" or ").join(names)}


# --- customers who send back


def _returner_fields() -> Fields:
    return {
        "returns": forms.IntegerField(
            label=gettext_lazy("Sent back so often or more"), required=False, min_value=1, max_value=1000
        ),
        "returns_days": forms.IntegerField(
            label=gettext_lazy("within days before the order"), required=False, min_value=1, max_value=LONGEST
        ),
    }


def _read_returner(data: Mapping[str, Any]) -> dict[str, int] | None:
    if not data.get("returns"):
        return None
    return {"count": data["returns"], "days": data.get("returns_days") or 180}


def _returner_condition(value: Any) -> Q:
    if not isinstance(value, dict):
        raise InvalidInput(_("A condition names nothing."))
    days = whole(value.get("days"))
    if days > LONGEST:
        raise InvalidInput(_("A rule looks back at most %(days)s days.") % {"days": LONGEST})
    placed: Combinable = OuterRef("placed_at")
    sent_back = (
        Return.objects.filter(customer=OuterRef("customer"), returned_at__lte=placed)
        .filter(returned_at__gte=placed - timedelta(days=days))
        .order_by()
        .values("customer")
        .annotate(count=Count("pk"))
        .filter(count__gte=whole(value.get("count")))
    )
    return Q(Exists(sent_back))


def _returner_sentence(value: Any) -> str:
    times = ngettext("%(count)s return", "%(count)s returns", value["count"]) % {"count": value["count"]}
    return _("%(returns)s or more within %(days)s days") % {"returns": times, "days": value["days"]}


# --- customs, first orders


def _customs_condition() -> Q:
    abroad = SalesChannel.objects.exclude(country="KR")  # the outer row's channel; no join
    return Q(country="KR", sales_channel__in=abroad) & ~Q(customs_code__regex=CUSTOMS_CODE)


def _first_condition(value: Any) -> Q:
    earlier = Order.objects.filter(customer=OuterRef("customer"), placed_at__lt=OuterRef("placed_at")).exclude(
        status=OrderStatus.CANCELLED
    )
    return at_least(value) & (Q(customer=None) | Q(~Exists(earlier)))


PEOPLE_KINDS = (
    ConditionKind(
        code="note",
        label=gettext_lazy("Note"),
        fields=lambda: _ticked("note", gettext_lazy("The customer wrote a note")),
        read=lambda data: data.get("note") or None,
        fill=lambda value: {"note": value},
        condition=lambda value: _yes(value, ~Q(customer_note="")),
        sentence=lambda _value: _("the customer wrote a note"),
    ),
    ConditionKind(
        code="address",
        label=gettext_lazy("Address"),
        fields=_address_fields,
        read=lambda data: sorted(data.get("address") or ()) or None,
        fill=lambda value: {"address": value},
        condition=_address_condition,
        sentence=_address_sentence,
    ),
    ConditionKind(
        code="returner",
        label=gettext_lazy("Returns"),
        fields=_returner_fields,
        read=_read_returner,
        fill=lambda value: {"returns": value["count"], "returns_days": value["days"]},
        condition=_returner_condition,
        sentence=_returner_sentence,
    ),
    ConditionKind(
        code="kana",
        label=gettext_lazy("Reading"),
        fields=lambda: _ticked("kana", gettext_lazy("To Japan without the recipient's reading (kana)")),
        read=lambda data: data.get("kana") or None,
        fill=lambda value: {"kana": value},
        condition=lambda value: _yes(value, Q(country="JP", recipient_kana="")),
        sentence=lambda _value: _("to Japan without kana"),
    ),
    ConditionKind(
        code="customs",
        label=gettext_lazy("Customs code"),
        fields=lambda: _ticked(
            "customs",
            gettext_lazy("To Korea from a channel abroad without a personal customs code"),
            gettext_lazy("The letter P and twelve digits."),
        ),
        read=lambda data: data.get("customs") or None,
        fill=lambda value: {"customs": value},
        condition=lambda value: _yes(value, _customs_condition()),
        sentence=lambda _value: _("to Korea from abroad without a customs code"),
    ),
    ConditionKind(
        code="first_order",
        label=gettext_lazy("First order"),
        fields=lambda: amount_fields("first", gettext_lazy("First order of a customer, from this total on")),
        read=lambda data: read_amount("first", data),
        fill=lambda value: fill_amount("first", value),
        condition=_first_condition,
        sentence=lambda value: (
            _("first order, of %(amount)s or more") % {"amount": format_money(value["amount"], value["currency"])}
        ),
    ),
)
