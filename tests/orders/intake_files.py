"""Order files in a test: rows as text, uploaded and imported."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile

from catalog.models import SalesChannel
from core.imports import running, services
from core.models import ImportBatch

COLUMNS = ("external_number", "placed_at", "sku", "name", "quantity", "unit_price", "recipient_name", "address_1")


def row(number: str, **over: str) -> dict[str, str]:
    """Return one usable line."""
    return {
        "external_number": number,
        "placed_at": "2026-05-01 10:00",
        "sku": "SHIRT",
        "name": "셔츠",
        "quantity": "2",
        "unit_price": "1000",
        "recipient_name": "김하윤",
        "address_1": "강북로 223",
        **over,
    }


def text(rows: Sequence[dict[str, str]]) -> str:
    """Return rows as CSV with every column that occurs."""
    columns = dict.fromkeys([*COLUMNS, *(name for one in rows for name in one)])
    file = io.StringIO()
    writer = csv.DictWriter(file, list(columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def upload(content: str | bytes, channel: SalesChannel, *, actor: Any = None, **options: Any) -> ImportBatch:
    """Upload content."""
    raw = content.encode() if isinstance(content, str) else content
    chosen = {"sales_channel": channel.pk, "create_missing_variants": True, **options}
    return services.upload_file(
        target="orders.lines", file=ContentFile(raw, name="orders.csv"), options=chosen, actor=actor
    )


def bring_in(rows: Sequence[dict[str, str]], channel: SalesChannel, **options: Any) -> ImportBatch:
    """Upload, start and run."""
    batch = upload(text(rows), channel, **options)
    services.start_import(batch_id=batch.pk, actor=None)
    return running.run_import(batch_id=batch.pk)
