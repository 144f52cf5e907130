"""By what collections may choose products: catalog's own subjects, and those that floors above register."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import (
    CHOOSING,
    Attribute,
    AttributeKind,
    AttributeValue,
    Category,
    Price,
    Product,
    ProductType,
)
from core.errors import InvalidInput
from core.money import Currency, parse_amount


class Operator(StrEnum):
    """How a value is compared."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


OPERATOR_LABELS: Mapping[Operator, Any] = {
    Operator.IS: pgettext_lazy("rule", "is"),
    Operator.IS_NOT: pgettext_lazy("rule", "is not"),
    Operator.CONTAINS: pgettext_lazy("rule", "contains"),
    Operator.AT_LEAST: pgettext_lazy("rule", "is at least"),
    Operator.AT_MOST: pgettext_lazy("rule", "is at most"),
}
EQUAL = (Operator.IS, Operator.IS_NOT)
RANGE = (Operator.AT_LEAST, Operator.AT_MOST)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Something products are chosen by; ``condition(operator, value)`` gives the Q on products.

    ``condition`` raises InvalidInput with a sentence for a value that means nothing; ``example`` shows a good one.
    """

    code: str
    label: Any
    operators: Sequence[Operator]
    condition: Callable[[Operator, str], Q]
    example: Any = ""
    values: Callable[[], Sequence[str]] = field(default=lambda: ())  # what may be written, for suggestions


_subjects: dict[str, Subject] = {}
ATTRIBUTE = "attribute:"


def register_subject(subject: Subject) -> None:
    """Offer ``subject`` in rules from now on; the same code again replaces it."""
    _subjects[subject.code] = subject


def subjects() -> list[Subject]:
    """Return all subjects, attributes of the shop among them (one statement)."""
    return [*_subjects.values(), *(_of_attribute(row) for row in Attribute.objects.order_by("name_en"))]


def subject_of(code: str) -> Subject:
    """Return a subject; InvalidInput when nothing is called so (any more)."""
    if code.startswith(ATTRIBUTE):
        attribute = Attribute.objects.filter(code=code.removeprefix(ATTRIBUTE)).first()
        if attribute is not None:
            return _of_attribute(attribute)
    found = _subjects.get(code)
    if found is None:
        raise InvalidInput(_("Products cannot be chosen by “%(subject)s”.") % {"subject": code})
    return found


def condition_of(subject: str, operator: str, value: str) -> Q:
    """Return the condition on products that one rule means; InvalidInput for what means nothing."""
    found = subject_of(subject)
    if operator not in found.operators:
        raise InvalidInput(_("“%(subject)s” cannot be compared that way.") % {"subject": found.label})
    return found.condition(Operator(operator), value.strip())


def whole_number(value: str) -> int:
    """Return the number of a rule; InvalidInput unless it is a whole number of at most nine digits."""
    if not (value.isascii() and value.isdigit()) or len(value) > 9:
        raise InvalidInput(_("“%(text)s” is not a whole number.") % {"text": value[:40]})
    return int(value)


def _needed(value: str) -> str:
    if not value:
        raise InvalidInput(_("A value is needed here."))
    return value


def _either(operator: Operator, condition: Q) -> Q:
    return ~condition if operator == Operator.IS_NOT else condition


def _tag(operator: Operator, value: str) -> Q:
    return _either(operator, Q(tags__contains=[_needed(value)]))


def _text(path: str) -> Callable[[Operator, str], Q]:
    def condition(operator: Operator, value: str) -> Q:
        lookup = "icontains" if operator == Operator.CONTAINS else "iexact"
        return _either(operator, Q(**{f"{path}__{lookup}": _needed(value)}))

    return condition


def _product_type(operator: Operator, value: str) -> Q:
    row = ProductType.objects.filter(code=_needed(value)).first()
    if row is None:
        raise InvalidInput(_("There is no product type “%(code)s”.") % {"code": value})
    return _either(operator, Q(product_type=row))


def _category(operator: Operator, value: str) -> Q:
    tree = list(Category.objects.values_list("pk", "parent_id", "name"))
    names = {pk: (parent, name) for pk, parent, name in tree}
    wanted = [part.strip() for part in _needed(value).split(">")]
    roots = {pk for pk in names if _path(names, pk) == wanted}
    if not roots:
        raise InvalidInput(_("There is no category “%(path)s”.") % {"path": value})
    below = set(roots)
    while more := {pk for pk, (parent, _name) in names.items() if parent in below and pk not in below}:
        below |= more
    return _either(operator, Q(category__in=below))


def _path(names: Mapping[int, tuple[int | None, str]], pk: int | None) -> list[str]:
    path: list[str] = []
    while pk is not None:
        pk, name = names[pk]
        path.insert(0, name)
    return path


def category_names() -> list[str]:
    """Return the paths of all categories, as rules write them."""
    names = {pk: (parent, name) for pk, parent, name in Category.objects.values_list("pk", "parent_id", "name")}
    return sorted(" > ".join(_path(names, pk)) for pk in names)


def _price(operator: Operator, value: str) -> Q:
    amount, _blank, currency = _needed(value).rpartition(" ")
    if currency.upper() not in Currency.values:
        raise InvalidInput(_("Write an amount with its currency, such as 20000 KRW."))
    limit = parse_amount(amount, currency.upper())
    now = timezone.now()
    running = Price.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now),
        variant__product=OuterRef("pk"),
        variant__is_active=True,
        currency=currency.upper(),
        starts_at__lte=now,
        **{"amount__gte" if operator == Operator.AT_LEAST else "amount__lte": limit},
    )
    return Q(Exists(running))


def _age(operator: Operator, value: str) -> Q:
    moment = timezone.now() - timedelta(days=whole_number(_needed(value)))
    return Q(created_at__lte=moment) if operator == Operator.AT_LEAST else Q(created_at__gte=moment)


def _of_attribute(attribute: Attribute) -> Subject:
    operators: Sequence[Operator] = EQUAL
    if attribute.kind in {AttributeKind.NUMBER, AttributeKind.DATE}:
        operators = RANGE
    elif attribute.kind in {AttributeKind.TEXT, AttributeKind.RICH_TEXT}:
        operators = (Operator.CONTAINS,)
    return Subject(
        code=f"{ATTRIBUTE}{attribute.code}",
        label=attribute.name,
        operators=operators,
        condition=lambda operator, value: _attribute(attribute, operator, value),
        example=attribute.unit,
        values=lambda: [choice.code for choice in attribute.choices.all()],
    )


def _attribute(attribute: Attribute, operator: Operator, value: str) -> Q:
    values = AttributeValue.objects.filter(product=OuterRef("pk"), attribute=attribute)
    return _either(operator, Q(Exists(values.filter(_value(attribute, operator, _needed(value))))))


def _value(attribute: Attribute, operator: Operator, value: str) -> Q:
    compare = "gte" if operator == Operator.AT_LEAST else "lte"
    if attribute.kind in CHOOSING:
        return Q(choice__code=value)
    if attribute.kind == AttributeKind.NUMBER:
        return Q(**{f"number__{compare}": _decimal(value)})
    if attribute.kind == AttributeKind.DATE:
        return Q(**{f"day__{compare}": _day(value)})
    if attribute.kind == AttributeKind.FLAG:
        return Q(flag=value.casefold() in {"1", "yes", "true"})
    return Q(text__icontains=value) if attribute.kind != AttributeKind.FILE else Q(file__gt="")


def _decimal(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= 10**14:
        raise InvalidInput(_("“%(text)s” is not a number.") % {"text": value[:40]})
    return number


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InvalidInput(_("“%(text)s” is not a date. Write 2026-11-22.") % {"text": value[:40]}) from None


register_subject(
    Subject(code="tag", label=gettext_lazy("Tag"), operators=EQUAL, condition=_tag, example=gettext_lazy("summer"))
)
register_subject(
    Subject(
        code="category",
        label=gettext_lazy("Category, with those below"),
        operators=EQUAL,
        condition=_category,
        example=gettext_lazy("Women > Shoes"),
        values=category_names,
    )
)
register_subject(
    Subject(
        code="brand",
        label=gettext_lazy("Brand"),
        operators=(*EQUAL, Operator.CONTAINS),
        condition=_text("brand"),
    )
)
register_subject(
    Subject(code="maker", label=gettext_lazy("Maker"), operators=(*EQUAL, Operator.CONTAINS), condition=_text("maker"))
)
register_subject(
    Subject(code="name", label=gettext_lazy("Name"), operators=(Operator.CONTAINS,), condition=_text("name"))
)
register_subject(
    Subject(
        code="product_type",
        label=gettext_lazy("Product type"),
        operators=EQUAL,
        condition=_product_type,
        values=lambda: list(ProductType.objects.values_list("code", flat=True)),
    )
)
register_subject(
    Subject(
        code="price",
        label=gettext_lazy("Price on any channel"),
        operators=RANGE,
        condition=_price,
        example="20000 KRW",
    )
)
register_subject(
    Subject(
        code="age",
        label=gettext_lazy("Days since registration"),
        operators=RANGE,
        condition=_age,
        example="30",
    )
)


def products_of(rules: Sequence[tuple[str, str, str]], *, is_all: bool) -> Any:
    """Return the products, ended ones left out, that fulfil all (or any) of (subject, operator, value); none without.

    InvalidInput for a rule that means nothing.
    """
    if not rules:
        return Product.objects.none()
    condition = Q()
    for rule in rules:
        one = condition_of(*rule)
        condition = condition & one if is_all else condition | one
    return Product.objects.exclude(status="ended").filter(condition)
