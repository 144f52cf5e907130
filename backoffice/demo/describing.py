"""What is said about each product: texts in three languages, tags, attributes, notices; not everything of each."""

import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils.text import slugify
from PIL import Image, ImageDraw, ImageFont

from backoffice.demo.catalogue import LANGUAGES, PlannedProduct
from backoffice.demo.facts import VOLUMES, chance, facts_of, words_of
from backoffice.demo.premises import channel_ids
from backoffice.demo.vocabulary import load
from catalog.models import Attribute, AttributeChoice, AttributeValue, NoticeAnswer, Product, TypeAttribute, Variant
from catalog.services import set_attributes
from catalog.services.content.noticing import answer_notices
from catalog.services.content.writing import TextChange, set_texts
from catalog.services.products.tagging import set_tags
from compliance.models import NoticeField
from staff.models import User

_SEASONS = {"spring": ["spring"], "summer": ["summer"], "winter": ["winter"], "all": ["spring", "autumn"]}
_FOR_ALL = {"KR": (), "JP": ("jp-mail-order", "jp-double-pricing"), "EU": ("eu-gpsr",)}
_SHEETS = 6  # products with a sheet to print
_COLUMNS = {"text": "text", "rich_text": "text", "number": "number", "flag": "flag", "date": "day"}


def write_texts(*, products: Sequence[PlannedProduct], actor: User) -> None:
    """Write the texts of all products in all languages, and titles that some channels have for themselves."""
    ids, channels = product_ids(products), channel_ids()
    changes = [
        TextChange(product_id=ids[one.code], language=language, values=_text(one, language))
        for one in products
        for language in LANGUAGES
    ]
    for entry in load("registration")["own_titles"]:
        changes += [
            TextChange(
                product_id=ids[one.code],
                language=entry["language"],
                sales_channel_id=channels[entry["channel"]],
                values={
                    "title": entry["title"].format_map(words_of(one, entry["language"])),
                    "description": _text(one, entry["language"])["description"],
                },
            )
            for one in products
            if entry["channel"] in one.offers and chance(one, f"title {entry['channel']}", 6) == 0
        ]
    set_texts(changes=changes, actor=actor)


def _text(one: PlannedProduct, language: str) -> dict[str, str]:
    """Return every column of one text."""
    patterns, words = load("registration")["texts"][language], words_of(one, language)
    intro = patterns["intro"][chance(one, "intro", len(patterns["intro"]))]
    close = patterns["close"][chance(one, "close", len(patterns["close"]))]
    facts = patterns["facts"] if words["material"] else ""
    return {
        "title": words["name"],
        "description": (intro + facts + close).format_map(words),
        "keywords": patterns["keywords"].format_map(words).replace(", ,", ","),
        "seo_title": patterns["seo_title"].format_map(words),
        "seo_description": patterns["seo_description"].format_map(words),
        "slug": slugify(f"{words['name']} {one.code}", allow_unicode=True),
    }


def hang_tags(*, products: Sequence[PlannedProduct], wanted: int, newest: Any, actor: User) -> None:
    """Tag the products; the ``wanted`` first are best sellers, those launched since ``newest`` are new."""
    ids = product_ids(products)
    tags = {
        ids[one.code]: [*_tags(one), *(["bestseller"] if rank < wanted else []), *_new_tag(one, newest)]
        for rank, one in enumerate(products)
    }
    set_tags(tags=tags, actor=actor)


def _tags(one: PlannedProduct) -> Iterable[str]:
    facts = facts_of(one)
    if one.season != "all":
        yield one.season
    if facts.material[0]:
        yield facts.material[0].lower()
    if "wool" in one.traits:
        yield "wool"
    if facts.kind in {"jewellery", "fragrance", "decor", "kitchen", "cosmetic"} or chance(one, "gift", 5) == 0:
        yield "gift"
    if facts.material[0] in {"Organic Cotton", "Recycled Paper", "Vegan Leather"}:
        yield "eco"
    if facts.country == "JP":
        yield "made in japan"


def _new_tag(one: PlannedProduct, newest: Any) -> list[str]:
    return ["new"] if one.launched_at >= newest else []


def describe(*, products: Sequence[PlannedProduct], actor: User, has_sheets: bool = False) -> None:
    """Say of each product what its attributes and notices ask; now and then one thing is forgotten."""
    ids, words = product_ids(products), _Words()
    variants = _variants(ids.values())
    for one in products:
        pk = ids[one.code]
        values, by_variant = words.attributes(one, variants[pk], has_sheet=has_sheets)
        set_attributes(product_id=pk, values=values, variant_values=by_variant, actor=actor)
        answer_notices(product_id=pk, answers=words.answers(one), actor=actor)


def describe_stock(*, products: Sequence[PlannedProduct], actor: User) -> None:
    """Say the same of everything that the shop sells.

    A few by the services, with a sheet to print; the others, as a shop moves in, by two statements: the services take
    one product at a time, and there are hundreds.
    """
    printed = [one for one in products if facts_of(one).kind in {"wear", "textile"}][:_SHEETS]
    describe(products=printed, has_sheets=True, actor=actor)
    others = [one for one in products if one not in printed]
    ids, words = product_ids(others), _Words()
    variants = _variants(ids.values())
    values: list[AttributeValue] = []
    answers: list[NoticeAnswer] = []
    for one in others:
        pk = ids[one.code]
        said, by_variant = words.attributes(one, variants[pk], has_sheet=False)
        values += words.rows(pk, None, said)
        for variant, said_of_it in by_variant.items():
            values += words.rows(pk, variant, said_of_it)
        answers += [
            NoticeAnswer(product_id=pk, field_id=field, text=text) for field, text in words.answers(one).items()
        ]
    AttributeValue.objects.bulk_create(values, batch_size=4000)
    NoticeAnswer.objects.bulk_create(answers, batch_size=4000)


def _variants(ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """Return (id, SKU) of the variants of each product."""
    variants: dict[int, list[tuple[int, str]]] = {}
    for pk, product, sku in Variant.objects.filter(product__in=ids).values_list("pk", "product", "sku"):
        variants.setdefault(product, []).append((pk, sku))
    return variants


class _Words:
    """The vocabulary of the database: what attributes, choices and fields there are, and what a product says there."""

    def __init__(self) -> None:
        self.attribute_ids = dict(Attribute.objects.values_list("code", "pk"))
        self.kinds = dict(Attribute.objects.values_list("pk", "kind"))
        self.choices = {
            (attribute, code): pk
            for attribute, code, pk in AttributeChoice.objects.values_list("attribute__code", "code", "pk")
        }
        self.of_type: dict[str, list[tuple[str, bool]]] = {}
        rows = TypeAttribute.objects.values_list("product_type__code", "attribute__code", "is_per_variant")
        for kind, attribute, is_per_variant in rows:
            self.of_type.setdefault(kind, []).append((attribute, is_per_variant))
        self.fields: dict[str, list[tuple[int, str, str, str]]] = {}
        found = NoticeField.objects.values_list(
            "notice_type__code", "pk", "code", "notice_type__jurisdiction", "needed_when"
        )
        for notice, pk, code, jurisdiction, when in found:
            self.fields.setdefault(notice, []).append((pk, code, jurisdiction, when))

    def attributes(
        self, one: PlannedProduct, variants: Sequence[tuple[int, str]], *, has_sheet: bool
    ) -> tuple[dict[int, Any], dict[int, dict[int, Any]]]:
        """Return the values of the product and of its variants, by the ids of the attributes."""
        kind = facts_of(one).kind
        said = _said(one)
        if has_sheet:
            said["care-sheet"] = ContentFile(paper([one.code, one.names["en"], _text_of_care(one)]), name="care.pdf")
        if chance(one, "forgotten attribute", 37) == 0:
            said.pop("material", None)
        values = {
            self.attribute_ids[code]: self._value(code, said[code])
            for code, is_per_variant in self.of_type[kind]
            if not is_per_variant and code in said
        }
        colours = {variant.sku: variant.colour for variant in one.variants}
        family = self.attribute_ids["colour-family"]
        by_variant = {
            pk: {family: self.choices["colour-family", colours[sku]]}
            for pk, sku in variants
            if ("colour-family", True) in self.of_type[kind] and colours.get(sku)
        }
        return values, by_variant

    def _value(self, code: str, value: Any) -> Any:
        """Return a value with the ids of its choices."""
        if isinstance(value, list):
            return [self.choices[code, slugify(each)] for each in value]
        return self.choices.get((code, slugify(value)), value) if isinstance(value, str) else value

    def rows(self, product_id: int, variant_id: int | None, values: Mapping[int, Any]) -> Iterable[AttributeValue]:
        """Yield the rows that say these values, each in the column of its kind."""
        for attribute, value in values.items():
            column = _COLUMNS.get(self.kinds[attribute], "choice_id")
            for each in value if isinstance(value, list) else [value]:
                if each not in (None, ""):
                    cells = {column: each}
                    yield AttributeValue(product_id=product_id, variant_id=variant_id, attribute_id=attribute, **cells)

    def answers(self, one: PlannedProduct) -> dict[int, str]:
        """Return what is told in the notices of the product's kind and in those for all goods, by field."""
        kinds, notice = load("registration")["kinds"], load("registration")["notice"]
        where = ["KR", "JP", *(["EU"] if one.brand == "Lune & Lys" else [])]
        notices = [*kinds[facts_of(one).kind]["notices"], *(code for place in where for code in _FOR_ALL[place])]
        forgotten = {"warranty"} if chance(one, "forgotten answer", 29) == 0 else set()
        if chance(one, "forgotten term", 41) == 0:
            forgotten.add("return-term")
        is_compared = any(offer.compare_at for offers in one.offers.values() for offer in offers)
        found = {}
        for pk, code, place, when in (field for name in notices for field in self.fields[name]):
            if place not in where or code in forgotten or (when and not is_compared):
                continue
            if text := notice[place.lower()].get(code):
                found[pk] = text.format_map(words_of(one, {"KR": "ko", "JP": "ja", "EU": "en"}[place]))
        return found


def _said(one: PlannedProduct) -> dict[str, Any]:
    """Return what attributes could say of a product, choices by their names; the type picks what it has."""
    facts = facts_of(one)
    half = Decimal("0.5")
    return {
        "material": [facts.material[0]] if facts.material[0] else [],
        "scent": one.traits.get("scent", [""])[0],
        "fit": one.traits.get("cut", [""])[0],
        "season": _SEASONS[one.season],
        "occasions": [["everyday"], ["everyday", "work"], ["gift"], ["travel", "everyday"]][chance(one, "occasion", 4)],
        "closure": ["zip", "magnet", "open"][chance(one, "closure", 3)],
        "bulb": ["e26", "e17"][chance(one, "bulb", 2)],
        "skin-types": [["dry", "normal"], ["normal"], ["dry", "normal", "sensitive"]][chance(one, "skin", 3)],
        "washable": facts.care == "wear",
        "waterproof": chance(one, "waterproof", 3) == 0,
        "dimmable": chance(one, "dimmable", 2) == 0,
        "dishwasher": facts.material[0] != "Glass",
        "vegan": chance(one, "vegan", 3) > 0,
        "heel-height": 2 + half * chance(one, "heel", 7),
        "capacity": 2 + half * chance(one, "capacity", 30),
        "power": 9,
        "volume": VOLUMES.get(one.kind, 400),
        "burning-time": 45 if one.kind == "CND" else None,
        "pages": 128 if one.kind == "NTB" else None,
        "plating": "Rhodium, 0.3 µm" if facts.material[0].startswith("Silver") else "18k gold, 0.5 µm",
        "size-guide": _size_guide(one),
        "first-sold": one.launched_at.date(),
    }


def _size_guide(one: PlannedProduct) -> str:
    sizes = list(dict.fromkeys(variant.size for variant in one.variants if variant.size))
    first = 92 + chance(one, "chest", 8)
    rows = "".join(f"<tr><td>{size}</td><td>{first + 6 * step}</td></tr>" for step, size in enumerate(sizes))
    return f"<table><thead><tr><th>Size</th><th>Chest (cm)</th></tr></thead><tbody>{rows}</tbody></table>"


def _text_of_care(one: PlannedProduct) -> str:
    return facts_of(one).care_in("en")


def paper(lines: Sequence[str]) -> bytes:
    """Return a PDF of one page with these lines."""
    image = Image.new("L", (420, 594), 255)
    pen = ImageDraw.Draw(image)
    for place, line in enumerate(lines):
        pen.text((36, 48 + 34 * place), line, fill=30, font=ImageFont.load_default(20 if place == 0 else 13))
    buffer = io.BytesIO()
    image.save(buffer, "PDF")
    return buffer.getvalue()


def product_ids(products: Sequence[PlannedProduct]) -> Mapping[str, int]:
    """Return the ids of planned products by code."""
    codes = [one.code for one in products]
    return dict(Product.objects.filter(code__in=codes).values_list("code", "pk"))
