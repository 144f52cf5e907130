"""The delivered file formats: data files beside the code, kept as rows so that people see and choose them."""

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from core.errors import InvalidInput
from core.imports.definitions import Definition
from core.imports.targets import target_of
from core.models import ImportFormat

FOLDER = Path(__file__).resolve().parent.parent / "formats"


def read_formats(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the definitions of all format files; InvalidInput naming a file with an unknown field or target."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        definition = tomllib.loads(path.read_text(encoding="utf-8"))
        known = {field.name for field in target_of(definition["target"]).fields}
        used = {*definition.get("fields", {}), *definition.get("constants", {}), *definition.get("values", {})}
        if unknown := used - known:
            raise InvalidInput(f"{path.name}: unknown fields {', '.join(sorted(unknown))}")
        Definition.of(definition)
        found.append(definition)
    return found


@transaction.atomic
def sync_formats() -> dict[str, int]:
    """Make the delivered formats what the files say and return how many were made, changed and retired.

    Formats that people made are not touched; a delivered one whose file is gone is no longer offered, since imports
    refer to it.
    """
    definitions = read_formats()
    counts = {"made": 0, "changed": 0, "retired": 0}
    for definition in definitions:
        values = {
            "name": definition["name"],
            "target": definition["target"],
            "definition": definition,
            "is_builtin": True,
            "is_active": True,
        }
        key = {"code": definition["code"], "version": definition["version"]}
        known = ImportFormat.objects.select_for_update().filter(**key).first()
        if known is None:
            ImportFormat.objects.create(**key, **values)
            counts["made"] += 1
        elif any(getattr(known, name) != value for name, value in values.items()):
            ImportFormat.objects.filter(pk=known.pk).update(**values)
            counts["changed"] += 1
    kept = {(definition["code"], definition["version"]) for definition in definitions}
    for old in ImportFormat.objects.filter(is_builtin=True, is_active=True):
        if (old.code, old.version) not in kept:
            ImportFormat.objects.filter(pk=old.pk).update(is_active=False)
            counts["retired"] += 1
    return counts
