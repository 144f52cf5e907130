"""Contracts that others published: where they lie, and how a value is held against their schemas."""

import re
from pathlib import Path
from typing import Any

_FOLDERS = [parent / "shared/data/api-contracts" for parent in Path(__file__).resolve().parents]
CONTRACTS = next((folder for folder in _FOLDERS if folder.exists()), None)  # tests that need them skip without


def fits(schema: dict[str, Any], value: Any, schemas: dict[str, Any], path: str = "") -> None:
    """Hold a value against the part of JSON Schema that the contracts use."""
    if "$ref" in schema:
        return fits(schemas[schema["$ref"].rsplit("/", 1)[1]], value, schemas, path)
    for part in schema.get("allOf", ()):
        fits(part, value, schemas, path)
    kinds = {"object": dict, "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list}
    if schema.get("type") in kinds:
        assert isinstance(value, kinds[schema["type"]]), path
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), f"{path}: {value}"
    assert not isinstance(value, str) or len(value) <= schema.get("maxLength", 10**6), path
    for name in schema.get("required", ()):
        assert name in value, f"{path}.{name}"
    for name, inner in schema.get("properties", {}).items():
        if isinstance(value, dict) and name in value:
            fits(inner, value[name], schemas, f"{path}.{name}")
    return None
