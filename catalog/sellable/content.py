"""What is told about a product: text in the channel's language, notices, certificates, its category there."""

from collections.abc import Iterator, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from catalog.checking import Check, Finding, Fix, Severity, product_fix, register_check
from catalog.models import Certificate, ChannelKind, Product, ProductText, SalesChannel, Variant
from catalog.selectors.categorising import channel_categories
from catalog.selectors.informing import Information, information_of
from catalog.selectors.pricing import running_prices
from compliance.selectors import jurisdiction_of
from staff.models import Language

SHOWN = 4  # missing fields named in a sentence
Informed = tuple[Product, SalesChannel, Information]


def text_in_language(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Find products without a title or description in the language that the channel's customers read."""
    rows = ProductText.objects.filter(product__in=[p.pk for p in products]).values_list(
        "product_id", "language", "sales_channel_id", "description"
    )
    texts: dict[tuple[int, str, int | None], bool] = {
        (product, language, channel): bool(text) for product, language, channel, text in rows
    }
    for product in products:
        for channel in channels:
            told = texts.get((product.pk, channel.language, channel.pk))
            if told is None:
                told = texts.get((product.pk, channel.language, None))
            language = Language(channel.language).label
            if told is None:
                sentence = _("No text in %(language)s: customers read the name.") % {"language": language}
                yield _finding(product, channel, Severity.WARNING, sentence, "panel-texts")
            elif not told:
                sentence = _("No description in %(language)s.") % {"language": language}
                yield _finding(product, channel, Severity.WARNING, sentence, "panel-texts")


def category_there(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Find products without a category, and on malls those whose category has no code there; own shops take ours."""
    malls = [channel for channel in channels if channel.kind != ChannelKind.OWN]
    categories = {product.category_id for product in products if product.category_id}
    mapped = channel_categories(category_ids=categories, sales_channel_ids=[channel.pk for channel in malls])
    for product in products:
        if product.category_id is None:
            yield Finding(
                product.pk, None, Severity.WARNING, _("No category."), product_fix(product.pk, "product_form")
            )
            continue
        for channel in malls:
            if (product.category_id, channel.pk) not in mapped:
                yield Finding(
                    product.pk,
                    channel.pk,
                    Severity.WARNING,
                    _("The category has no code on %(channel)s.") % {"channel": channel},
                    Fix("catalog_category_change", (product.category_id,)),
                )


def notices_told(informed: Sequence[Informed]) -> Iterator[Finding]:
    """Find products of which the channel's country wants to be told more."""
    for product, channel, info in informed:
        if info.is_unclassified:
            sentence = _("No notice is chosen for its class of goods.")
            yield _finding(product, channel, Severity.ERROR, sentence, "panel-notices")
        elif info.missing_fields:
            count = len(info.missing_fields)
            names = ", ".join(field.label for field in info.missing_fields[:SHOWN])
            sentence = ngettext(
                "The notice lacks %(count)s field: %(names)s", "The notice lacks %(count)s fields: %(names)s", count
            ) % {"count": count, "names": names if count <= SHOWN else f"{names} …"}
            yield _finding(product, channel, Severity.ERROR, sentence, "panel-notices")


def certificates_valid(informed: Sequence[Informed]) -> Iterator[Finding]:
    """Find products whose certificates are missing or expired for the channel's country; those that end soon, warn."""
    for product, channel, info in informed:
        for group in info.missing_certificates:
            sentence = _("Certificate missing: %(name)s") % {"name": group.name}
            yield _finding(product, channel, Severity.ERROR, sentence, "panel-certificates")
        for paper in info.expired:
            sentence = _("Certificate expired on %(day)s: %(name)s") % _paper(paper)
            yield _finding(product, channel, Severity.ERROR, sentence, "panel-certificates")
        for paper in info.ending:
            sentence = _("Certificate ends on %(day)s: %(name)s") % _paper(paper)
            yield _finding(product, channel, Severity.WARNING, sentence, "panel-certificates")


def _paper(paper: Certificate) -> dict[str, object]:
    return {"name": paper, "day": date_format(paper.expires_on, "DATE_FORMAT") if paper.expires_on else ""}


def informed_on(products: Sequence[Product], channels: Sequence[SalesChannel]) -> list[Informed]:
    """Return how well each product is described for the country of each channel that has rules."""
    where = {channel.pk: jurisdiction_of(channel.country) for channel in channels}
    wanted = sorted({code for code in where.values() if code})
    variants = dict(Variant.objects.filter(product__in=[p.pk for p in products]).values_list("pk", "product_id"))
    compared = {
        (variants[variant], where[channel])
        for (variant, channel), price in running_prices(variant_ids=list(variants)).items()
        if price.compare_at is not None and channel in where
    }
    found = {
        (info.product_id, info.jurisdiction): info
        for info in information_of(products=products, jurisdictions=wanted, compared=compared)
    }
    return [
        (product, channel, info)
        for product in products
        for channel in channels
        if (info := found.get((product.pk, where[channel.pk] or ""))) is not None
    ]


def _finding(product: Product, channel: SalesChannel, severity: Severity, sentence: str, anchor: str) -> Finding:
    return Finding(product.pk, channel.pk, severity, sentence, product_fix(product.pk, anchor))


register_check(Check("text", pgettext_lazy("check", "Text"), text_in_language, position=50, blocks=False))
register_check(Check("category", gettext_lazy("Category there"), category_there, position=60, blocks=False))
register_check(Check("notice", pgettext_lazy("check", "Notice"), notices_told, position=70, facts=informed_on))
register_check(Check("certificate", gettext_lazy("Certificates"), certificates_valid, position=80, facts=informed_on))
