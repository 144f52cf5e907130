"""What products have to tell and how their variants differ: required attributes, options, contents of bundles."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.checking import Check, Finding, Fix, Severity, product_fix, register_check
from catalog.models import AttributeValue, BundleComponent, OptionAxis, Product, SalesChannel, TypeAttribute, Variant
from catalog.models import VariantOption as Chosen

SHOWN = 4  # names in a sentence


def required_attributes(products: Sequence[Product], _channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Find products that leave unsaid what their type requires; variants that are switched off need not tell."""
    types = {product.product_type_id for product in products if product.product_type_id}
    required: dict[int, list[TypeAttribute]] = defaultdict(list)
    for asked in TypeAttribute.objects.filter(product_type__in=types, is_required=True).select_related("attribute"):
        required[asked.product_type_id].append(asked)
    concerned = [product for product in products if product.product_type_id in required]
    ids = [product.pk for product in concerned]
    rows = AttributeValue.objects.filter(product__in=ids).values_list("product_id", "attribute_id", "variant_id")
    told = set(rows)
    variants: dict[int, list[int]] = defaultdict(list)
    for pk, product_id in Variant.objects.filter(product__in=ids, is_active=True).values_list("pk", "product_id"):
        variants[product_id].append(pk)
    for product in concerned:
        missing = [
            asked.attribute.name
            for asked in required[product.product_type_id or 0]
            if any(
                (product.pk, asked.attribute_id, variant) not in told
                for variant in (variants[product.pk] if asked.is_per_variant else [None])
            )
        ]
        if missing:
            sentence = _("Missing: %(attributes)s.") % {"attributes": _few(missing)}
            yield Finding(product.pk, None, Severity.ERROR, sentence, product_fix(product.pk, "panel-attributes"))


def options_told(products: Sequence[Product], _channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Find active variants that do not say which options they have: customers could not choose them."""
    ids = [product.pk for product in products]
    axes: dict[int, set[int]] = defaultdict(set)
    for pk, product_id in OptionAxis.objects.filter(product__in=ids).values_list("pk", "product_id"):
        axes[product_id].add(pk)
    chosen: dict[int, set[int]] = defaultdict(set)
    for variant_id, axis_id in Chosen.objects.filter(variant__product__in=axes).values_list("variant_id", "axis_id"):
        chosen[variant_id].add(axis_id)
    rows = Variant.objects.filter(product__in=axes, is_active=True).order_by("sku")
    open_ones: dict[int, list[str]] = defaultdict(list)
    for pk, product_id, sku in rows.values_list("pk", "product_id", "sku"):
        if axes[product_id] - chosen[pk]:
            open_ones[product_id].append(sku)
    for product_id, skus in open_ones.items():
        sentence = _("No options are chosen for %(skus)s.") % {"skus": _few(skus)}
        yield Finding(product_id, None, Severity.WARNING, sentence, Fix("catalog_options", (product_id,)))


def bundle_contents_active(products: Sequence[Product], _channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Find bundles with a component that is switched off: they cannot be packed."""
    rows = BundleComponent.objects.filter(
        bundle__product__in=[product.pk for product in products], bundle__is_active=True, component__is_active=False
    ).select_related("bundle", "component")
    for row in rows.order_by("pk"):
        sentence = _("%(component)s in the bundle %(bundle)s is switched off.") % {
            "component": row.component.sku,
            "bundle": row.bundle.sku,
        }
        fix = Fix("catalog_variant_change", (row.bundle_id,), anchor="panel-bundle")
        yield Finding(row.bundle.product_id, None, Severity.ERROR, sentence, fix, variant_id=row.bundle_id)


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else _("%(names)s, …") % {"names": shown}


register_check(Check("attribute", gettext_lazy("Attributes"), required_attributes, position=42))
register_check(Check("options", gettext_lazy("Options"), options_told, position=41, blocks=False))
register_check(Check("bundle", pgettext_lazy("check", "Bundle"), bundle_contents_active, position=43))
