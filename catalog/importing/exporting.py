"""Products as rows of the generic format: read in key order, some hundred products and a few statements at a time."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from catalog.importing.codes import KINDS, SEPARATOR
from catalog.importing.columns import (
    AXES,
    CHANNEL_CODE,
    IMAGES,
    OPTIONS,
    PICTURES,
    PRODUCT,
    TEXT,
    VALUES,
    VARIANT,
    VARIANT_IMAGE,
    base_of,
    with_channel,
    with_language,
)
from catalog.importing.prices import AMOUNTS
from catalog.importing.wishes import WISHES, told_wishes, wish_of
from catalog.models import (
    CodeKind,
    CustomOption,
    Price,
    ProductImage,
    ProductText,
    SalesChannel,
    Variant,
    VariantCode,
    VariantOption,
)
from catalog.selectors.grid import category_paths
from core.money import to_decimal
from staff.models import Language

CHUNK = 500  # products
Cells = dict[str, Any]
# on every row, so that a sheet can be filtered; texts and pictures stand on the first row of a product only
_PLAIN = (*PRODUCT, "status")
_KIND_COLUMNS = {kind.value: name for name, kind in KINDS.items()}


def file_rows(queryset: Any, names: Sequence[str]) -> Iterator[list[Any]]:
    """Yield a row for each variant of the products, and one for a product without any; memory stays flat.

    ``queryset`` is of products; its order is replaced by the key. Prices are those that hold now.
    """
    reading = _Reading(names)
    ordered = queryset.order_by("pk")
    last = None
    while True:
        chunk = list((ordered if last is None else ordered.filter(pk__gt=last)).values(*reading.product_fields)[:CHUNK])
        yield from reading.rows(chunk)
        if len(chunk) < CHUNK:
            return
        last = chunk[-1]["pk"]


class _Reading:
    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        wanted = set(names)
        bases = {base_of(name) for name in names}
        self.at: datetime = timezone.now()
        self.paths = category_paths() if "category" in wanted else {}
        self.channels = {channel.pk: channel for channel in SalesChannel.objects.all()}
        self.product_fields = ["pk", *(_FIELDS.get(name, name) for name in _PLAIN)]
        self.fills: list[tuple[Callable[[Collection[int], Mapping[int, Cells], Mapping[int, Cells]], None], bool]] = [
            (self._texts, any(with_language(name, language) in wanted for name in TEXT for language in Language.values)
             or bool(bases & set(TEXT))),
            (self._options, bool(wanted & {*AXES, *VALUES})),
            (self._codes, bool(wanted & KINDS.keys()) or any(base_of(n) == CHANNEL_CODE != n for n in names)),
            (self._prices, bool(bases & AMOUNTS.keys())),
            (self._pictures, bool(wanted & {*PICTURES, VARIANT_IMAGE})),
            (self._wishes, WISHES in wanted),
        ]  # fmt: skip

    def rows(self, chunk: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
        ids = [row["pk"] for row in chunk]
        plain = {row["pk"]: self._product(row) for row in chunk}
        first: dict[int, Cells] = {pk: {} for pk in ids}
        variants: dict[int, Cells] = {}
        of_product: dict[int, list[int]] = defaultdict(list)
        fields = [_VARIANT_FIELDS.get(name, name) for name in VARIANT]
        for pk, product, *values in (
            Variant.objects.filter(product__in=ids).order_by("pk").values_list("pk", "product_id", *fields)
        ):
            variants[pk] = dict(zip(VARIANT, values, strict=True)) | {"is_active": int(values[-1])}
            of_product[product].append(pk)
        for fill, is_wanted in self.fills:
            if is_wanted:
                fill(ids, first, variants)
        for pk in ids:
            shared = plain[pk]
            for place, variant in enumerate(of_product[pk] or [0]):
                cells = shared | variants.get(variant, {}) | (first[pk] if place == 0 else {})
                found = (cells.get(name) for name in self.names)
                yield ["" if cell is None else cell for cell in found]

    def _product(self, row: Mapping[str, Any]) -> Cells:
        cells = {name: row[_FIELDS.get(name, name)] for name in _PLAIN}
        return {**cells, "category": self.paths.get(cells["category"], ""), "tags": ", ".join(cells["tags"])}

    def _texts(self, ids: Collection[int], first: Mapping[int, Cells], variants: Mapping[int, Cells]) -> None:
        rows = ProductText.objects.filter(product__in=ids)
        fields = "product_id", "language", "sales_channel_id", *TEXT
        for product, language, channel, *values in rows.values_list(*fields):
            if channel is None:
                columns = [with_language(name, language) for name in TEXT]
            elif self.channels[channel].language == language:
                columns = [with_channel(name, self.channels[channel].code) for name in TEXT]
            else:
                continue  # the file has a channel's text in the language of its customers
            first[product].update(zip(columns, values, strict=True))

    def _options(self, ids: Collection[int], first: Mapping[int, Cells], variants: Mapping[int, Cells]) -> None:
        rows = VariantOption.objects.filter(variant__product__in=ids).order_by(
            "variant_id", "axis__position", "axis_id"
        )
        places: dict[int, int] = defaultdict(int)
        for variant, axis, value in rows.values_list("variant_id", "axis__name", "value__name"):
            places[variant] += 1
            if places[variant] in OPTIONS:
                number = places[variant]
                variants[variant].update({f"option{number}_name": axis, f"option{number}_value": value})

    def _codes(self, ids: Collection[int], first: Mapping[int, Cells], variants: Mapping[int, Cells]) -> None:
        found: dict[tuple[int, str], list[str]] = defaultdict(list)
        rows = VariantCode.objects.filter(variant__product__in=ids).order_by("pk")
        for variant, channel, kind, code in rows.values_list("variant_id", "sales_channel_id", "kind", "code"):
            if SEPARATOR in code:
                continue  # it would come back as two; what a file does not name stays
            column = (
                with_channel(CHANNEL_CODE, self.channels[channel].code)
                if channel
                else _KIND_COLUMNS.get(kind, _KIND_COLUMNS[CodeKind.SYNONYM.value])
            )
            found[variant, column].append(code)
        for (variant, column), codes in found.items():
            variants[variant][column] = f" {SEPARATOR} ".join(codes)

    def _prices(self, ids: Collection[int], first: Mapping[int, Cells], variants: Mapping[int, Cells]) -> None:
        running = Price.objects.filter(
            Q(ends_at=None) | Q(ends_at__gt=self.at), variant__product__in=ids, starts_at__lte=self.at
        )
        for variant, channel, *values in running.values_list("variant_id", "sales_channel_id", *AMOUNTS.values()):
            shop = self.channels[channel]
            variants[variant].update(
                (with_channel(name, shop.code), to_decimal(value, shop.currency))
                for name, value in zip(AMOUNTS, values, strict=True)
                if value is not None
            )

    def _pictures(self, ids: Collection[int], first: Mapping[int, Cells], variants: Mapping[int, Cells]) -> None:
        places: dict[int, int] = defaultdict(int)
        rows = ProductImage.objects.filter(product__in=ids).order_by("product_id", "position", "pk")
        for product, variant, path, *words in rows.values_list(
            "product_id", "variant_id", "file", *(f"alt_text_{language}" for language in Language.values)
        ):
            places[product] += 1
            if places[product] <= IMAGES:
                column = f"image_{places[product]}"
                first[product].update({column: path, f"{column}_alt": next(filter(None, words), "")})
            if variant in variants:
                variants[variant].setdefault(VARIANT_IMAGE, path)

    def _wishes(self, ids: Collection[int], first: Mapping[int, Cells], variants: Mapping[int, Cells]) -> None:
        held: dict[int, list[CustomOption]] = defaultdict(list)
        for wish in CustomOption.objects.filter(product__in=ids).order_by("product_id", "position", "pk"):
            held[wish.product_id].append(wish)
        for product, wishes in held.items():
            first[product][WISHES] = told_wishes(map(wish_of, wishes))


_FIELDS = {"category": "category_id", "product_type": "product_type__code"}
_VARIANT_FIELDS = {"variant_name": "name"}
