"""A product as its reviewer reads it: every part in the order of the page, with what it says."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.fields import PARTS, Part
from catalog.models import AttributeValue, BundleComponent, Product, ProductImage, ProductText, SalesChannel, Variant
from catalog.selectors.pricing import running_prices
from compliance.models import FieldKind
from core.display import moment_text
from core.html import text_of
from core.money import format_money
from staff.models import Language

Rows = list[tuple[str, str]]
_RARE = frozenset({"wishes", "bundles"})  # shown only when there is something in it


@dataclass(frozen=True, kw_only=True)
class SheetPart:
    """One part with its (label, text) rows; ``images`` of the pictures."""

    part: Part
    rows: Rows
    images: Sequence[ProductImage] = ()


def sheet_of(product: Product, *, with_prices: bool) -> list[SheetPart]:
    """Return the parts of a product with what they say, empty rows where nothing is written yet.

    ``with_prices``: whether the reader may see prices. A constant number of statements.
    """
    variants = list(product.variants.order_by("sku"))
    said: dict[str, Rows] = {
        "name": [(_("Product code"), product.code), (_("Name"), product.name)],
        "category": [
            (_("Category"), str(product.category or "")),
            (_("Product type"), str(product.product_type or "")),
        ],
        "brand": [(_("Brand"), product.brand), (_("Maker"), product.maker)],
        "tags": [(_("Tags"), ", ".join(product.tags))],
        "limits": _limits(product),
        "variants": [(variant.sku, _variant(variant)) for variant in variants],
        "bundles": _bundles(variants),
        "attributes": _attributes(product),
        "notices": _notices(product),
        "certificates": _certificates(product),
        "wishes": [(wish.name, wish.get_kind_display()) for wish in product.custom_options.all()],
        **_texts(product),
    }
    if with_prices:
        said["prices"] = list(_prices(variants))
    images = list(product.images.select_related("media", "variant"))
    parts = [part for part in PARTS if part.key and (part.key != "prices" or with_prices)]
    return [
        SheetPart(part=part, rows=_filled(said.get(part.key, [])), images=images if part.key == "pictures" else ())
        for part in parts
        if said.get(part.key) or part.key not in _RARE
    ]


def _filled(rows: Rows) -> Rows:
    return [(label, text) for label, text in rows if text]


def _limits(product: Product) -> Rows:
    age = _("from %(age)s years") % {"age": product.age_limit} if product.age_limit else _("to everybody")
    days = str(product.shelf_life_days) if product.shelf_life_days else ""
    return [
        (_("Sold"), age),
        (_("Date on the goods"), str(product.get_expiry_kind_display())),
        (_("Keeps for (days)"), days),
    ]


def _variant(variant: Variant) -> str:
    sizes = [variant.length_mm, variant.width_mm, variant.height_mm]
    facts = [
        variant.name,
        variant.barcode,
        f"{variant.weight_g} g" if variant.weight_g else "",
        " × ".join(str(size) for size in sizes) + " mm" if all(sizes) else "",
        variant.origin_country,
        "" if variant.is_active else _("switched off"),
    ]
    return " · ".join(fact for fact in facts if fact) or "–"


def _bundles(variants: Sequence[Variant]) -> Rows:
    rows = BundleComponent.objects.filter(bundle__in=variants).select_related("bundle", "component")
    contents: dict[str, list[str]] = defaultdict(list)
    for row in rows.order_by("bundle__sku", "pk"):
        contents[row.bundle.sku].append(f"{row.quantity} × {row.component.sku}")
    return [(sku, ", ".join(parts)) for sku, parts in contents.items()]


def _texts(product: Product) -> dict[str, Rows]:
    found: dict[str, Rows] = {f"texts_{language}": [] for language in Language.values}
    rows = ProductText.objects.filter(product=product).select_related("sales_channel")
    for text in rows.order_by("language", "sales_channel__name", "pk"):
        where = f" ({text.sales_channel.name})" if text.sales_channel else ""
        found.setdefault(f"texts_{text.language}", []).extend(
            [
                (_("Title") + where, text.title),
                (_("Description") + where, text_of(text.description)),
                (_("Search keywords") + where, text.keywords),
                (_("For search engines") + where, " – ".join(filter(None, [text.seo_title, text.seo_description]))),
            ]
        )
    return found


def _attributes(product: Product) -> Rows:
    rows = AttributeValue.objects.filter(product=product).select_related("attribute", "choice", "variant")
    found: dict[str, list[str]] = defaultdict(list)
    for value in rows.order_by("attribute__name_en", "variant__sku", "pk"):
        label = f"{value.attribute.name} ({value.variant.sku})" if value.variant else value.attribute.name
        found[label].append(_value(value))
    return [(label, ", ".join(values)) for label, values in found.items()]


def _value(value: AttributeValue) -> str:
    if value.flag is not None:
        return _("Yes") if value.flag else _("No")
    if value.number is not None:
        return f"{value.number.normalize():f} {value.attribute.unit}".strip()
    return text_of(str(value)) or (value.file.name or "").rsplit("/", 1)[-1]


def _prices(variants: Sequence[Variant]) -> Iterator[tuple[str, str]]:
    prices = running_prices(variant_ids=[variant.pk for variant in variants])
    by_amount: dict[tuple[int, str, int], list[str]] = defaultdict(list)
    for variant in variants:
        for (variant_id, channel_id), price in prices.items():
            if variant_id == variant.pk:
                by_amount[channel_id, price.currency, price.amount].append(variant.sku)
    channels = SalesChannel.objects.filter(pk__in=[channel for channel, _currency, _amount in by_amount])
    names = dict(channels.values_list("pk", "name"))
    for (channel_id, currency, amount), skus in sorted(by_amount.items(), key=lambda row: names[row[0][0]]):
        shown = ", ".join(skus) if len(skus) < len(variants) else _("every variant")
        yield names[channel_id], f"{format_money(amount, currency)} · {shown}"


def _notices(product: Product) -> Rows:
    rows = product.notice_answers.select_related("field__notice_type").order_by("field__notice_type", "field__position")
    yes_no = {"yes": _("Yes"), "no": _("No")}  # as answer_notices keeps them
    return [
        (
            f"{row.field.notice_type} · {row.field}",
            yes_no.get(row.text, row.text) if row.field.kind == FieldKind.YES_NO else row.text,
        )
        for row in rows
    ]


def _certificates(product: Product) -> Rows:
    return [
        (
            str(row.kind),
            " · ".join(
                filter(
                    None,
                    [row.number, _("until %(day)s") % {"day": moment_text(row.expires_on)} if row.expires_on else ""],
                )
            )
            or "–",
        )
        for row in product.certificates.select_related("kind")
    ]
