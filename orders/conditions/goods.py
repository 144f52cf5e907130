"""Held for what was ordered: where, which goods, how many, for how much."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from catalog.models import Category, SalesChannel, Variant
from catalog.selectors.grid import category_paths
from core.errors import InvalidInput
from core.money import Currency, format_money, minor_digits, parse_amount, to_decimal
from orders.conditions.registry import ConditionKind, Fields
from orders.models import LineKind, OrderLine

MOST_NAMED = 200  # SKUs or tags of one rule
_LINES = OrderLine.objects.filter(order=OuterRef("pk"), kind=LineKind.PRODUCT)


def lines_with(condition: Q) -> Q:
    """Return the condition of orders with a product line that fulfils ``condition``."""
    return Q(Exists(_LINES.filter(condition)))


def split_words(text: str) -> list[str]:
    """Return what stands on lines or between commas, without doubles."""
    parts = [part.strip() for line in text.splitlines() for part in line.split(",")]
    return list(dict.fromkeys(part for part in parts if part))


def _words(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 2})
    )


def whole(value: Any) -> int:
    """Return a number from one to a million; InvalidInput for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1_000_000:
        raise InvalidInput(_("“%(text)s” is not a whole number above zero.") % {"text": str(value)[:40]})
    return value


def listed(value: Any, kind: type) -> list[Any]:
    """Return the list of a condition; InvalidInput when it is none or has nothing in it."""
    if not isinstance(value, list) or not value or not all(isinstance(one, kind) for one in value):
        raise InvalidInput(_("A condition names nothing."))
    return value


# --- channel


def _channel_fields() -> Fields:
    return {
        "channels": forms.ModelMultipleChoiceField(
            label=gettext_lazy("Sales channels"),
            queryset=SalesChannel.objects.filter(is_active=True),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    }


def _channel_sentence(value: Any) -> str:
    names = SalesChannel.objects.filter(pk__in=value).order_by("name").values_list("name", flat=True)
    return _("sold on %(channels)s") % {"channels": ", ".join(names)}


# --- product


def _known_skus(value: Any) -> list[str]:
    skus = listed(value, str)
    known = set(Variant.objects.filter(sku__in=skus).values_list("sku", flat=True))
    if missing := [sku for sku in skus if sku not in known]:
        raise InvalidInput(_("There is no SKU “%(sku)s”. Look it up in the product list.") % {"sku": missing[0][:80]})
    return skus


def _sku_condition(value: Any) -> Q:
    return lines_with(Q(variant__in=Variant.objects.filter(sku__in=_known_skus(value))))


def _some(names: Collection[str]) -> str:
    shown = ", ".join(list(names)[:5])
    rest = len(names) - 5
    return shown if rest <= 0 else _("%(names)s and %(count)s more") % {"names": shown, "count": rest}


# --- category


def below(category_ids: Collection[int]) -> set[int]:
    """Return the categories with all that stand below them."""
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    found = {pk for pk in category_ids if pk in parents}
    while more := {pk for pk, parent in parents.items() if parent in found and pk not in found}:
        found |= more
    return found


def _category_fields() -> Fields:
    paths = category_paths()
    return {
        "categories": forms.TypedMultipleChoiceField(
            label=gettext_lazy("Categories"),
            choices=list(paths.items()),
            coerce=int,
            required=False,
            widget=forms.SelectMultiple(attrs={"size": 6}),
            help_text=gettext_lazy("With all that stand below them."),
        )
    }


def _category_condition(value: Any) -> Q:
    found = below(listed(value, int))
    if not found:
        raise InvalidInput(_("The category of a rule is gone. Choose another one."))
    return lines_with(Q(variant__product__category__in=found))


def _category_sentence(value: Any) -> str:
    paths = category_paths()
    return _("goods of %(categories)s") % {"categories": _some([paths.get(pk, "?") for pk in value])}


# --- quantity and amount


def _quantity_condition(value: Any) -> Q:
    sums = _LINES.order_by().values("order").annotate(pieces=Sum("quantity"))
    return Q(Exists(sums.filter(pieces__gte=whole(value))))


def amount_fields(prefix: str, label: Any, help_text: Any = "") -> Fields:
    """Return the inputs of an amount: digits and a currency."""
    return {
        f"{prefix}": forms.CharField(
            label=label, help_text=help_text, required=False, max_length=20,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        ),
        f"{prefix}_currency": forms.ChoiceField(
            label=gettext_lazy("Currency"), choices=[("", "–"), *Currency.choices], required=False
        ),
    }  # fmt: skip


def read_amount(prefix: str, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return {"currency", "amount" in minor units}, None without an amount; ValidationError for what is none."""
    text, currency = str(data.get(prefix) or "").strip(), data.get(f"{prefix}_currency") or ""
    if not text:
        return None
    if not currency:
        raise forms.ValidationError({f"{prefix}_currency": _("Choose the currency of the amount.")})
    try:
        amount = parse_amount(text, currency)
    except InvalidInput as error:
        raise forms.ValidationError({prefix: str(error)}) from error
    if amount <= 0:
        raise forms.ValidationError({prefix: _("Write an amount above zero.")})
    return {"currency": currency, "amount": amount}


def fill_amount(prefix: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the inputs show of a kept amount."""
    currency = value["currency"]
    text = f"{to_decimal(value['amount'], currency):.{minor_digits(currency)}f}"
    return {prefix: text, f"{prefix}_currency": currency}


def at_least(value: Any) -> Q:
    """Return the condition of orders of this currency that cost as much or more."""
    if not isinstance(value, dict) or value.get("currency") not in Currency.values:
        raise InvalidInput(_("The amount of a condition has no currency."))
    amount = value.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise InvalidInput(_("The amount of a condition is none."))
    return Q(currency=value["currency"], total__gte=amount)


GOODS_KINDS = (
    ConditionKind(
        code="channel",
        label=gettext_lazy("Sales channel"),
        fields=_channel_fields,
        read=lambda data: sorted(channel.pk for channel in data.get("channels") or ()) or None,
        fill=lambda value: {"channels": value},
        condition=lambda value: Q(sales_channel__in=listed(value, int)),
        sentence=_channel_sentence,
    ),
    ConditionKind(
        code="product",
        label=gettext_lazy("Products"),
        fields=lambda: {"skus": _words(gettext_lazy("SKUs"), gettext_lazy("On lines of their own or between commas."))},
        read=lambda data: split_words(data.get("skus") or "")[:MOST_NAMED] or None,
        fill=lambda value: {"skus": "\n".join(value)},
        condition=_sku_condition,
        sentence=lambda value: _("contains %(skus)s") % {"skus": _some(value)},
    ),
    ConditionKind(
        code="category",
        label=gettext_lazy("Category"),
        fields=_category_fields,
        read=lambda data: sorted(data.get("categories") or ()) or None,
        fill=lambda value: {"categories": value},
        condition=_category_condition,
        sentence=_category_sentence,
    ),
    ConditionKind(
        code="tag",
        label=pgettext_lazy("product", "Tag"),
        fields=lambda: {"tags": _words(gettext_lazy("Tags of products"), gettext_lazy("One of them is enough."))},
        read=lambda data: split_words(data.get("tags") or "")[:MOST_NAMED] or None,
        fill=lambda value: {"tags": "\n".join(value)},
        condition=lambda value: lines_with(Q(variant__product__tags__overlap=listed(value, str))),
        sentence=lambda value: _("goods tagged %(tags)s") % {"tags": _some(value)},
    ),
    ConditionKind(
        code="quantity",
        label=gettext_lazy("Quantity"),
        fields=lambda: {
            "pieces": forms.IntegerField(
                label=gettext_lazy("From so many pieces on"), required=False, min_value=1, max_value=1_000_000
            )
        },
        read=lambda data: data.get("pieces") or None,
        fill=lambda value: {"pieces": value},
        condition=_quantity_condition,
        sentence=lambda value: (
            ngettext("%(count)s piece or more", "%(count)s pieces or more", value) % {"count": value}
        ),
    ),
    ConditionKind(
        code="amount",
        label=gettext_lazy("Amount"),
        fields=lambda: amount_fields("amount", gettext_lazy("From this total on")),
        read=lambda data: read_amount("amount", data),
        fill=lambda value: fill_amount("amount", value),
        condition=at_least,
        sentence=lambda value: _("%(amount)s or more") % {"amount": format_money(value["amount"], value["currency"])},
    ),
)
