"""What attributes say of products and variants; each value is checked by the kind of its attribute."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.models import CHOOSING, Attribute, AttributeKind, AttributeValue, Product, TypeAttribute
from catalog.policies import can_change_products
from catalog.services.review.reviewing import content_changed
from core.errors import InvalidInput, NotAllowed
from core.html import clean_html
from staff.adapters.file_types import sniff
from staff.models import User
from staff.services.proofs.storing import discard, store_upload

MAX_TEXT, MAX_RICH = 1000, 20_000
MAX_FILE_BYTES = 20 * 1024**2
FILE_TYPES = ("pdf", "png", "jpeg", "webp")
_LARGEST = Decimal(10) ** 14

Cells = dict[str, Any]  # columns of AttributeValue
Values = Mapping[int, Any]  # attribute id -> value, None: nothing is said any more


def set_attributes(
    *,
    product_id: int,
    values: Values,
    variant_values: Mapping[int, Values] | None = None,
    actor: User | None = None,
) -> int:
    """Write what attributes say of a product and (``variant_values``: variant id -> values) of its variants.

    Values by kind: text and formatted text str (sanitised), number Decimal, int or str, flag bool, date date, choice
    and colour the id of a choice, several choices a list of ids, file an upload; None says nothing any more; an
    attribute left out stays. Returns how many differ now. InvalidInput names the attribute whose value is of another
    kind, that the type does not have, or that is said elsewhere; NotAllowed without the right. Then nothing is
    written, and no file stays.
    """
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _set(product_id, values, variant_values or {}, stored, actor)
    except BaseException:
        discard(*stored)
        raise


def _set(
    product_id: int, values: Values, variant_values: Mapping[int, Values], stored: list[str], actor: User | None
) -> int:
    product = _locked(product_id, actor)
    wanted = _wanted(product, values, variant_values)
    attributes = _held({attribute for attribute, _variant in wanted})
    if set(variant_values) - set(product.variants.filter(pk__in=variant_values).values_list("pk", flat=True)):
        raise InvalidInput(_("The variant belongs to another product."))
    before: dict[tuple[int, int | None], list[AttributeValue]] = {}
    for row in product.attribute_values.filter(attribute__in=attributes).order_by("pk"):
        before.setdefault((row.attribute_id, row.variant_id), []).append(row)
    gone: list[AttributeValue] = []
    new: list[AttributeValue] = []
    changed = 0
    for key, value in wanted.items():
        cells = _cells(attributes[key[0]], value, stored)
        if _as_written(before.get(key, [])) == cells:
            continue
        changed += 1
        gone += before.get(key, [])
        new += [AttributeValue(product=product, variant_id=key[1], attribute_id=key[0], **each) for each in cells]
    AttributeValue.objects.filter(pk__in=[row.pk for row in gone]).delete()
    AttributeValue.objects.bulk_create(new)
    _forget([str(row.file.name) for row in gone if row.file])
    if changed:
        content_changed(product_ids=[product_id], parts=["attributes"], actor=actor)
    return changed


def _locked(product_id: int, actor: User | None) -> Product:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    return Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)


def _wanted(
    product: Product, values: Values, variant_values: Mapping[int, Values]
) -> dict[tuple[int, int | None], Any]:
    """Return (attribute id, variant id or None) -> value; InvalidInput for what the product's type does not ask so."""
    rows = TypeAttribute.objects.filter(product_type=product.product_type_id) if product.product_type_id else ()
    per_variant = {row.attribute_id: row.is_per_variant for row in rows}
    wanted: dict[tuple[int, int | None], Any] = {(pk, None): value for pk, value in values.items()}
    wanted |= {(pk, variant): value for variant, each in variant_values.items() for pk, value in each.items()}
    for attribute, variant in wanted:
        if per_variant.get(attribute) is not (variant is not None):
            raise InvalidInput(
                _("The product type does not have this attribute, or has it elsewhere. Reload the page.")
            )
    return wanted


def _held(ids: set[int]) -> dict[int, Attribute]:
    """Return the attributes, held so that nobody changes their kind before this is committed (admin locks the row)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM catalog_attribute WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [sorted(ids)])
    return {each.pk: each for each in Attribute.objects.filter(pk__in=ids).prefetch_related("choices")}


def _as_written(rows: Sequence[AttributeValue]) -> list[Cells]:
    """Return what rows hold, in the shape of ``_cells``."""
    written = []
    for row in rows:
        cells = {
            "text": row.text,
            "number": row.number,
            "flag": row.flag,
            "day": row.day,
            "choice_id": row.choice_id,
            "file": str(row.file.name or ""),
        }
        written.append({name: value for name, value in cells.items() if value not in (None, "")})
    return written


def _cells(attribute: Attribute, value: Any, stored: list[str]) -> list[Cells]:
    """Return the columns of each row that says ``value``; InvalidInput names the attribute."""
    if value is None or value in ("", []):
        return []
    if attribute.kind in CHOOSING:
        return _chosen(attribute, value)
    if attribute.kind == AttributeKind.FILE:
        return [{"file": _stored(attribute, value, stored)}]
    column, read = _READERS[AttributeKind(attribute.kind)]
    try:
        read_value = read(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise _refused(attribute) from error
    return [] if read_value == "" else [{column: read_value}]


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\x00" in value:
        raise ValueError
    return value.strip()


def _rich(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_RICH:
        raise ValueError
    return clean_html(value).strip()


def _number(value: Any) -> Decimal:
    if isinstance(value, bool | float):
        raise TypeError
    try:
        number = Decimal(value.strip().replace(",", "") if isinstance(value, str) else value)
    except InvalidOperation as error:
        raise ValueError from error
    if not number.is_finite() or abs(number) >= _LARGEST or number != round(number, 4):
        raise ValueError
    return number


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else date(value.year, value.month, value.day)


_READERS = {
    AttributeKind.TEXT: ("text", _text),
    AttributeKind.RICH_TEXT: ("text", _rich),
    AttributeKind.NUMBER: ("number", _number),
    AttributeKind.FLAG: ("flag", _flag),
    AttributeKind.DATE: ("day", _day),
}


def _chosen(attribute: Attribute, value: Any) -> list[Cells]:
    ids = value if isinstance(value, list) else [value]
    if attribute.kind != AttributeKind.CHOICES and len(ids) > 1:
        raise _refused(attribute)
    offered = [choice.pk for choice in attribute.choices.all()]
    if set(ids) - set(offered):
        raise _refused(attribute)
    return [{"choice_id": pk} for pk in offered if pk in ids]


def _stored(attribute: Attribute, file: Any, stored: list[str]) -> str:
    file.seek(0)
    kind = sniff(file.read(4096))
    if kind not in FILE_TYPES or file.size > MAX_FILE_BYTES:
        raise InvalidInput(
            _("%(attribute)s: a PDF, PNG, JPEG or WebP file of at most %(limit)s MB can be taken.")
            % {"attribute": attribute.name, "limit": MAX_FILE_BYTES // 1024**2}
        )
    path = store_upload(file=file, filename=str(file.name or ""), folder="attributes").path
    stored.append(path)
    return path


def _forget(paths: Sequence[str]) -> None:
    """Drop files after the commit, unless a copy of the product says the same with them."""
    used = set(AttributeValue.objects.filter(file__in=paths).values_list("file", flat=True)) if paths else set()
    unused = [path for path in paths if path not in used]
    if unused:
        transaction.on_commit(lambda: discard(*unused))


def _refused(attribute: Attribute) -> InvalidInput:
    expected = {
        AttributeKind.TEXT: _("a text of at most 1,000 characters"),
        AttributeKind.RICH_TEXT: _("a text of at most 20,000 characters"),
        AttributeKind.NUMBER: _("a number with at most 4 decimals"),
        AttributeKind.FLAG: _("yes or no"),
        AttributeKind.DATE: _("a date"),
        AttributeKind.CHOICE: _("one of its choices"),
        AttributeKind.CHOICES: _("some of its choices"),
        AttributeKind.SWATCH: _("one of its colours"),
    }
    words = {"attribute": attribute.name, "expected": expected[AttributeKind(attribute.kind)]}
    return InvalidInput(_("%(attribute)s needs %(expected)s.") % words)
