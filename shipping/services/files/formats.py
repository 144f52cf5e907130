"""The delivered formats of outgoing files, and those a shop writes itself."""

from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from orders.services.batches import check_right
from shipping.models import OutFormat
from shipping.policies import can_set_carriers
from shipping.services.files.definitions import OutDefinition, read_definition
from staff.models import User

FOLDER = Path(__file__).resolve().parent.parent.parent / "formats"


def definition_of(row: OutFormat) -> OutDefinition:
    """Return what the format says; InvalidInput when it was damaged by hand."""
    return read_definition(row.source)


@transaction.atomic
def sync_out_formats(*, folder: Path = FOLDER) -> dict[str, int]:
    """Make the delivered formats what the files say; return how many were made, changed and retired.

    Formats that people wrote are not touched; a delivered one whose file is gone is no longer offered.
    """
    counts = {"made": 0, "changed": 0, "retired": 0}
    kept = []
    known = {(row.code, row.version): row for row in OutFormat.objects.select_for_update().order_by("pk")}
    for path in sorted(folder.glob("*.toml")):
        source = path.read_text(encoding="utf-8")
        told = _columns(read_definition(source))
        values = {**told, "source": source, "is_builtin": True, "is_active": True}
        key = (told["code"], told["version"])
        kept.append(key)
        row = known.get(key)
        if row is None:
            OutFormat.objects.create(**values)
            counts["made"] += 1
        elif any(getattr(row, name) != value for name, value in values.items()):
            OutFormat.objects.filter(pk=row.pk).update(**values)
            counts["changed"] += 1
    for key, row in known.items():
        if row.is_builtin and row.is_active and key not in kept:
            OutFormat.objects.filter(pk=row.pk).update(is_active=False)
            counts["retired"] += 1
    return counts


@transaction.atomic
def save_out_format(*, source: str, format_id: int | None = None, actor: User | None = None) -> OutFormat:
    """Keep a format that the shop wrote; without ``format_id`` a new one.

    InvalidInput for a definition that says nothing sensible, Conflict for a code and version that are taken or for
    changing a delivered one, NotAllowed without the right to set carriers.
    """
    check_right(can_set_carriers, actor)
    values = {**_columns(read_definition(source)), "source": source}
    twins = OutFormat.objects.filter(code=values["code"], version=values["version"]).exclude(pk=format_id or 0)
    if twins.exists():
        raise Conflict(_("There is a format with this code and version. Raise the version."))
    if format_id is None:
        return OutFormat.objects.create(**values)
    row = OutFormat.objects.select_for_update().get(pk=format_id)
    if row.is_builtin:
        raise Conflict(_("A delivered format stays as it is: save a copy with a code of its own."))
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    return row


def _columns(definition: OutDefinition) -> dict[str, str]:
    if len(definition.code) > 60 or len(definition.version) > 20:
        raise InvalidInput(_("Code or version is too long."))
    return {
        "code": definition.code,
        "version": definition.version,
        "name": definition.name[:120],
        "kind": definition.kind.value,
        "belongs_to": definition.belongs_to[:40],
    }
