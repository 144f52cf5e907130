"""The fields of a brief: what has to be said before somebody can start, by kind of task."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models.words import TaskKind


@dataclass(frozen=True)
class BriefField:
    """One question of a brief."""

    key: str
    label: Any
    is_required: bool = True
    is_long: bool = False
    help: Any = ""


_GOAL = BriefField("goal", _("What it is for"), help=_("Who should do what after seeing it?"))
_NOTES = BriefField("notes", pgettext_lazy("brief", "Notes"), is_required=False, is_long=True)
_REFERENCES = BriefField(
    "references",
    _("References"),
    is_required=False,
    is_long=True,
    help=_("Links or names of pictures to follow; files can be attached."),
)

BRIEF_FIELDS: Mapping[TaskKind, tuple[BriefField, ...]] = {
    TaskKind.BANNER: (
        _GOAL,
        BriefField("headline", _("Headline"), help=_("The words on the picture, letter by letter.")),
        BriefField("text", _("Further text"), is_required=False, is_long=True),
        BriefField("audience", _("Audience"), is_required=False),
        BriefField("must_have", _("Must be on it"), is_required=False, help=_("Logo, product, badge, legal line.")),
        _REFERENCES,
    ),
    TaskKind.PRODUCT_REGISTRATION: (
        BriefField("source", _("Where the data is"), help=_("Supplier’s sheet, link or folder.")),
        BriefField("channels", _("Sales channels")),
        BriefField("price_rule", _("Price"), help=_("List and selling price, or the rule for them.")),
        _NOTES,
    ),
    TaskKind.PRODUCT_EDIT: (
        BriefField("change", _("What has to change"), is_long=True),
        BriefField("channels", _("Sales channels"), is_required=False),
        _NOTES,
    ),
    TaskKind.PHOTO: (
        BriefField("shots", _("Which shots"), is_long=True, help=_("Front, back, detail, worn, in the box …")),
        BriefField("background", _("Background"), help=_("White for most malls.")),
        BriefField("goods_at", _("Where the goods are"), is_required=False),
        _REFERENCES,
    ),
    TaskKind.COPY: (
        _GOAL,
        BriefField("facts", _("Facts that must be right"), is_long=True),
        BriefField("language", _("Languages")),
        BriefField("tone", _("Tone"), is_required=False),
        _REFERENCES,
    ),
    TaskKind.INFLUENCER_FOLLOW_UP: (
        BriefField("who", _("Account and platform"), help=_("The public account name.")),
        BriefField("agreed", _("What was agreed"), is_long=True),
        BriefField("disclosure", _("Disclosure"), help=_("How the post says that it is advertising.")),
        _NOTES,
    ),
    TaskKind.STOCK_CHECK: (
        BriefField("what", _("What to check"), is_long=True),
        BriefField("why", _("Why"), is_required=False),
    ),
    TaskKind.GENERAL: (BriefField("what", _("What has to be done"), is_long=True), _NOTES),
}


def missing_fields(kind: str, brief: Mapping[str, Any]) -> list[str]:
    """Return the labels of required fields that the brief leaves open."""
    fields = BRIEF_FIELDS[TaskKind(kind)]
    return [str(field.label) for field in fields if field.is_required and not str(brief.get(field.key, "")).strip()]


def brief_rows(kind: str, brief: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Return (label, text) of the answered fields in the order of the questions."""
    fields = BRIEF_FIELDS[TaskKind(kind)]
    return [(field.label, str(brief[field.key])) for field in fields if str(brief.get(field.key, "")).strip()]


def answers_of(kind: str, brief: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers to questions of this kind, without those left empty and without what is no question."""
    known = {field.key for field in BRIEF_FIELDS[TaskKind(kind)]}
    return {key: str(text).strip() for key, text in brief.items() if key in known and str(text).strip()}
