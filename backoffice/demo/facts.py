"""What is true of an invented product beside its name and price: maker, origin, material, size of the packed piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from backoffice.demo.catalogue import LANGUAGES, PlannedProduct, colour_name
from backoffice.demo.vocabulary import load

MATERIALS = ("cloth", "wool", "outer", "hide", "metal", "clay", "paper")
SCENTED = {"cosmetic", "fragrance"}
VOLUMES = {"MUG": 320, "TMB": 450, "HND": 60, "CND": 220, "DIF": 200}
_CARE = {"wool": "wool", "hide": "leather", "metal": "hard", "clay": "hard", "paper": "hard"}
_CARE_EN = {
    "wear": "cold wash, do not tumble dry",
    "wool": "dry clean or wool cycle",
    "leather": "keep dry, wipe with a soft cloth",
    "hard": "handle with care",
    "scented": "keep away from children",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that follows from a planned product; words are [English, Korean, Japanese]."""

    kind: str  # of registration.toml
    hs_code: str
    box: tuple[int, int, int]  # mm
    maker: Sequence[str]  # [Latin, Korean]
    country: str
    material: Sequence[str]
    care: str  # key of registration.toml's cautions

    def country_in(self, language: str) -> str:
        """Return where it was made in words."""
        return str(load("registration")["countries"][self.country][LANGUAGES.index(language)])

    def care_in(self, language: str) -> str:
        """Return how to treat it."""
        korean, japanese = load("registration")["caution"][self.care]
        return str({"en": _CARE_EN[self.care], "ko": korean, "ja": japanese}[language])

    def fibre_in(self, language: str) -> str:
        """Return the composition as the notices want it, else the material's name."""
        place = {"ko": 0, "ja": 1, "en": 2}[language]
        fibre = load("registration")["fibres"].get(self.material[0])
        return str(fibre[place] if fibre else self.material[LANGUAGES.index(language)])


def chance(one: PlannedProduct, what: str, among: int) -> int:
    """Return a number below ``among`` that follows from the product and from what is asked."""
    return crc32(f"{one.code}:{what}".encode()) % among


def facts_of(one: PlannedProduct) -> Facts:
    """Return what is true of a product, the same each time."""
    words = load("registration")
    kind, hs_code, *box = words["goods"][one.kind]
    latin, korean, countries = words["makers"][one.brand]
    trait = next((name for name in MATERIALS if name in one.traits), "")
    scent = one.traits.get("scent")
    material = words["plain"].get(one.kind) or (one.traits[trait] if trait else scent or ["", "", ""])
    care = "scented" if kind in SCENTED else _CARE.get(trait, "hard" if not trait else "wear")
    return Facts(
        kind=kind,
        hs_code=hs_code,
        box=(box[0], box[1], box[2]),
        maker=(latin, korean),
        country=countries[chance(one, "country", len(countries))],
        material=material,
        care=care,
    )


def words_of(one: PlannedProduct, language: str) -> Mapping[str, str]:
    """Return what texts and notices may quote."""
    place, facts = LANGUAGES.index(language), facts_of(one)
    type_names = next((kind["names"] for kind in load("catalogue")["type"] if kind["code"] == one.kind), [one.kind] * 3)
    sizes = list(dict.fromkeys(variant.size for variant in one.variants if variant.size))
    colours = list(dict.fromkeys(colour_name(variant.colour, language) for variant in one.variants))
    box = " × ".join(f"{side // 10}" for side in facts.box) + " cm"
    return {
        "name": one.names[language],
        "description": one.descriptions[language],
        "type": type_names[place],
        "brand": one.brand,
        "code": one.code,
        "material": facts.material[place],
        "series": one.traits.get("series", [one.brand] * 3)[place],
        "sizes": ", ".join(sizes) or box,
        "size": ", ".join(sizes) or box,
        "box": box,
        "colours": ", ".join(colours),
        "maker": facts.maker[1] if language == "ko" else facts.maker[0],
        "country": facts.country_in(language),
        "care": facts.care_in(language),
        "caution": facts.care_in(language),
        "month": f"{one.launched_at:%Y-%m}",
        "grams": str(one.variants[0].weight_g),
        "volume": str(VOLUMES.get(one.kind, 100)),
        "fibre_ja": facts.fibre_in("ja"),
        "fibre_en": facts.fibre_in("en"),
        "care_ja": facts.care_in("ja"),
        "report": report_number(one),
    }


def report_number(one: PlannedProduct) -> str:
    """Return the number under which the goods' safety was reported; made up."""
    return f"CB{20 + chance(one, 'year', 6)}-{1 + chance(one, 'month', 12):02d}-{chance(one, 'number', 10_000):04d}"
