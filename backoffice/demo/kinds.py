"""How goods are described: product types with their attributes, categories on the malls, collections."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.text import slugify

from backoffice.demo.premises import channel_ids
from backoffice.demo.vocabulary import load
from catalog.models import (
    Attribute,
    AttributeChoice,
    Category,
    CategoryMapping,
    Collection,
    ProductType,
    SalesChannel,
    TypeAttribute,
)
from catalog.services.products.collecting import set_rules
from compliance.models import NoticeType
from compliance.services import sync_rules
from staff.models import User


def open_kinds() -> None:
    """Make product types with attributes and notices, and say where our categories stand on the malls."""
    sync_rules()
    attributes = {code: _attribute(code, entry) for code, entry in load("registration")["attributes"].items()}
    notices = dict(NoticeType.objects.values_list("code", "pk"))
    for code, kind in load("registration")["kinds"].items():
        made = ProductType.objects.create(code=code, **_named(kind["names"]))
        made.notice_types.set([notices[name] for name in kind["notices"]])
        TypeAttribute.objects.bulk_create(
            [
                TypeAttribute(
                    product_type=made,
                    attribute=attributes[name],
                    is_required=bool(is_required),
                    is_per_variant=bool(is_per_variant),
                    position=place,
                )
                for place, (name, is_required, is_per_variant) in enumerate(kind["attributes"])
            ]
        )
    _map_categories()


def open_collections(*, actor: User) -> None:
    """Make the collections and find their products."""
    for entry in load("registration")["collections"]:
        made = Collection.objects.create(code=entry["code"], **_named(entry["names"]))
        rules = [(subject, operator, value) for subject, operator, value in entry["rules"]]
        set_rules(collection_id=made.pk, rules=rules, match=entry["match"], actor=actor)


def _named(names: Sequence[str]) -> dict[str, str]:
    return dict(zip(("name_en", "name_ko", "name_ja"), names, strict=True))


def _attribute(code: str, entry: Mapping[str, Any]) -> Attribute:
    made = Attribute.objects.create(code=code, kind=entry["kind"], unit=entry.get("unit", ""), **_named(entry["names"]))
    AttributeChoice.objects.bulk_create(
        [
            AttributeChoice(attribute=made, code=choice, position=place, colour=colour, **_named(names))
            for place, (choice, names, colour) in enumerate(_choices(entry))
        ]
    )
    return made


def _choices(entry: Mapping[str, Any]) -> Iterable[tuple[str, Sequence[str], str]]:
    """Return (code, names, colour) of what can be chosen."""
    if entry["kind"] == "swatch":
        for key, (*names, colour) in load("catalogue")["colours"].items():
            yield key, names, colour
    for key in entry.get("choices", ()):
        yield key, load("registration")["choices"][key], ""
    words = [word for group in entry.get("words", ()) for word in load("catalogue")["words"][group]]
    plain = list(load("registration")["plain"].values()) if "cloth" in entry.get("words", ()) else []
    yield from ((key, names, "") for key, names in {slugify(names[0]): names for names in [*words, *plain]}.items())


def _map_categories() -> None:
    """Give most categories the code that a mall would have for them."""
    channels = SalesChannel.objects.in_bulk(channel_ids().values())
    by_code = {channel.code: channel for channel in channels.values()}
    leaves = Category.objects.exclude(parent=None).select_related("parent").order_by("parent__position", "position")
    CategoryMapping.objects.bulk_create(
        [
            CategoryMapping(
                category=leaf,
                sales_channel=by_code[code],
                code=f"{entry['start'] + 7 * place:0{entry['digits']}d}",
                path=f"{leaf.parent.name} > {leaf.name}" if leaf.parent else leaf.name,
            )
            for code, entry in load("registration")["mapping"].items()
            for place, leaf in enumerate(leaves)
            if leaf.name not in entry["missing"]
        ]
    )
