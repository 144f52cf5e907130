"""What every shop starts with: creative slots and task templates, delivered as data, then the shop's own."""

import csv
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from core.search import fold
from staff.models import CreativeSlot, Priority, TaskTemplate, TemplateItem

DATA = Path(__file__).resolve().parents[2] / "data"
SAFE = ("safe_top", "safe_right", "safe_bottom", "safe_left")


@transaction.atomic
def sync_task_seeds() -> dict[str, int]:
    """Make the delivered slots and templates whose code is not there yet; return how many of each were made.

    What is there stays as the shop has it, so repeating makes and changes nothing. A template takes its check list and
    its slots with it.
    """
    return {"slots": _make_slots(), "templates": _make_templates()}


def slot_search_text(slot: CreativeSlot) -> str:
    """Return what a slot is found by: code, platform, placement in all languages, size."""
    size = f"{slot.width_px}x{slot.height_px}"
    names = (slot.platform, slot.platform_code, slot.placement_en, slot.placement_ko, slot.placement_ja)
    return fold(" ".join([slot.code, *names, size]))


@transaction.atomic
def refresh_slot_search_text(*, slot_ids: list[int]) -> None:
    """Keep these slots findable after somebody changed or imported them."""
    slots = list(CreativeSlot.objects.select_for_update().filter(pk__in=slot_ids).order_by("pk"))
    for slot in slots:
        slot.search_text = slot_search_text(slot)
    CreativeSlot.objects.bulk_update(slots, ["search_text"])


def _make_slots() -> int:
    with (DATA / "creative_slots.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = set(CreativeSlot.objects.values_list("code", flat=True))
    slots = [_slot(row) for row in rows if row["code"] not in known]
    CreativeSlot.objects.bulk_create(slots, ignore_conflicts=True)
    return len(slots)


def _slot(row: Mapping[str, str]) -> CreativeSlot:
    same = ("code", "platform", "platform_code", "placement_en", "placement_ko", "placement_ja", "size_rule", "source")
    slot = CreativeSlot(
        **{name: row[name] for name in same},
        width_px=int(row["width_px"]),
        height_px=int(row["height_px"]),
        max_kb=int(row["max_kb"]) if row["max_kb"] else None,
        text_limit=int(row["text_limit"]) if row["text_limit"] else None,
        formats=row["formats"].split(),
        note=row["notes_en"],
        checked_on=row["checked_on"] or None,
        **{name: int(row[name] or 0) for name in SAFE},
    )
    slot.search_text = slot_search_text(slot)
    return slot


def _make_templates() -> int:
    rows = json.loads((DATA / "task_templates.json").read_text(encoding="utf-8"))
    known = set(TaskTemplate.objects.values_list("code", flat=True))
    missing = [row for row in rows if row["code"] not in known]
    for row in missing:
        _make_template(row)
    return len(missing)


def _make_template(row: Mapping[str, Any]) -> None:
    same = ("kind", "title_en", "title_ko", "title_ja", "role", "estimate_minutes", "lead_days", "review_roles")
    template, is_new = TaskTemplate.objects.get_or_create(
        code=row["code"],
        defaults={**{name: row[name] for name in same}, "priority": Priority[row["priority"].upper()]},
    )
    if not is_new:  # another process was faster
        return
    template.slots.set(CreativeSlot.objects.filter(code__in=row["slots"]))
    item = partial(TemplateItem, template=template)
    TemplateItem.objects.bulk_create(
        item(
            position=place,
            text_en=line["en"],
            text_ko=line["ko"],
            text_ja=line["ja"],
            is_required=line["required"],
        )
        for place, line in enumerate(row["checklist"])
    )
