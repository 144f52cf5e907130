"""Brings the delivered carriers into the database without taking away what people made of them."""

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from shipping.models import Carrier

FILE = Path(__file__).resolve().parent.parent.parent / "data" / "carriers.toml"


def delivered_carriers(path: Path = FILE) -> list[dict[str, Any]]:
    """Return the carriers as the data file says them."""
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["carriers"]
    return found


@transaction.atomic
def sync_carriers() -> int:
    """Make the delivered carriers that are missing and return how many; one that is there stays as people left it."""
    known = set(Carrier.objects.values_list("code", flat=True))
    new = [Carrier(**values) for values in delivered_carriers() if values["code"] not in known]
    Carrier.objects.bulk_create(new, ignore_conflicts=True)  # another process may have been faster
    return len(new)
