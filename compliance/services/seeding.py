"""Brings the delivered rules into the database without taking away what people made of them."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Model

from compliance.models import CertificateKind, CertificateNeed, NoticeType
from compliance.services import reading

# who looked at a rule, when, and in which source is no change of the rule
REVIEW = ("source", "source_level", "verified_on")
NOT_CONTENT = {"id", "delivered", *REVIEW}


@transaction.atomic
def sync_rules() -> dict[str, int]:
    """Make the database hold what is delivered; return how many rules, fields and needs were made, how many changed.

    A row that a person changed stays as it is, for good, and keeps out the next version of what it says as long as it
    is in force; one that nobody touched since its delivery follows the files.
    A later verification in the files counts, an earlier one does not. Needs come with a kind or a notice that is new,
    so one that was taken away stays away. Repeating makes and changes nothing.
    """
    known_types = set(NoticeType.objects.values_list("code", flat=True))
    known_kinds = set(CertificateKind.objects.values_list("code", flat=True))
    changes = [_bring(reading.delivered_notice_types(), key=("code",))]
    type_ids = dict(NoticeType.objects.values_list("code", "pk"))
    changes += [
        _bring(reading.delivered_notice_fields(type_ids), key=("notice_type_id", "code")),
        _bring(reading.delivered_certificate_kinds(), key=("code",)),
        _bring(reading.delivered_claim_rules(), key=("code",)),
        _bring(reading.delivered_legal_rules(), key=("code",)),
    ]
    needs = _make_needs(type_ids, known_types, known_kinds)
    return {"made": sum(made for made, _changed in changes) + needs, "changed": sum(changed for _, changed in changes)}


def _bring(rows: Sequence[Any], *, key: tuple[str, ...]) -> tuple[int, int]:
    """Make the missing rows, bring untouched ones up to date; return how many of each."""
    model: type[Any] = type(rows[0])
    content = _content(model)
    known = {_key(row, key): row for row in model.objects.select_for_update().order_by("pk")}
    new: list[Any] = []
    changed: list[Any] = []
    for row in rows:
        row.delivered = _digest(row, content)
        there = known.get(_key(row, key))
        if there is None:
            new.append(row)
        elif _follow(there, row, content):
            changed.append(there)
    review = [name for name in REVIEW if _has(model, name)]
    # what ends comes first: the next version of a rule begins where the one before was ended
    model.objects.bulk_update(changed, [*content, *review, "delivered"], batch_size=200)
    # another process may have been faster; and a version that a person keeps in force leaves no room for the next
    model.objects.bulk_create(new, ignore_conflicts=True)
    return model.objects.count() - len(known), len(changed)


def _follow(there: Any, row: Any, content: Sequence[str]) -> bool:
    """Copy the delivered row onto the known one where it may; say whether anything became different."""
    if _digest(there, content) != there.delivered:
        return False  # a person's work
    if there.delivered != row.delivered:
        names = [*content, "delivered", *(name for name in REVIEW if _has(type(there), name))]
    elif _verified(row) > _verified(there):
        names = list(REVIEW)
    else:
        return False
    for name in names:
        setattr(there, name, getattr(row, name))
    return True


def _make_needs(type_ids: dict[str, int], known_types: set[str], known_kinds: set[str]) -> int:
    kind_ids = dict(CertificateKind.objects.values_list("code", "pk"))
    needs = [
        CertificateNeed(certificate_kind_id=kind_ids[kind], notice_type_id=type_ids[notice], is_required=required)
        for kind, notice, required in reading.delivered_needs()
        if kind not in known_kinds or notice not in known_types
    ]
    return len(CertificateNeed.objects.bulk_create(needs, ignore_conflicts=True))


def _content(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.name not in NOT_CONTENT]


def _digest(row: Any, content: Sequence[str]) -> str:
    values = {name: str(getattr(row, name)) for name in content}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _key(row: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


def _verified(row: Any) -> date:
    return getattr(row, "verified_on", None) or date.min


def _has(model: type[Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)
