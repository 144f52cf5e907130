"""Files of variants of the last days: one with rows refused, one taken back, one that nobody has started yet."""

import csv
import io
from collections.abc import Sequence

from django.core.files.base import ContentFile

from backoffice.demo.catalogue import PlannedProduct
from catalog.admin.resources import VariantResource
from core.models import TableImport, TableImportState
from core.resources.runs import read_import, run_now, upload_table
from core.resources.undoing import undo_table_import
from staff.models import User

MODEL = "catalog.variant"
JOB = "core.table_import"
ROWS = 24


def import_tables(*, products: Sequence[PlannedProduct], actor: User) -> None:
    """Import weights of a supplier, take the mistaken ones back, and leave a third file in its preview."""
    variants = [variant for one in products[:ROWS] for variant in one.variants[:1]]
    weights = [[variant.sku, str(variant.weight_g + 15)] for variant in variants]
    weights[3][1], weights[11][1] = "약 300g", "-20"
    weights.append(["NO-SUCH-SKU", "100"])
    _run(_upload("supplier-weights.csv", weights, actor), actor)
    mistaken = [[variant.sku, str(variant.weight_g * 1000)] for variant in variants[: ROWS // 2]]
    taken_back = _run(_upload("weights-in-mg.csv", mistaken, actor), actor)
    undo_table_import(
        table_import_id=taken_back.pk,
        resource=VariantResource(user=actor, may_create=False),
        reason="mg 단위로 잘못된 파일",
        actor=actor,
    )
    _upload("weights-next-week.csv", [[variant.sku, str(variant.weight_g + 5)] for variant in variants[::3]], actor)


def _upload(name: str, rows: Sequence[Sequence[str]], actor: User) -> TableImport:
    text = io.StringIO()
    csv.writer(text).writerows([["sku", "weight_g"], *rows])
    content = ContentFile(text.getvalue().encode("utf-8-sig"), name=name)
    return upload_table(model=MODEL, file=content, encoding="", format_code="", options={}, actor=actor)


def _run(row: TableImport, actor: User) -> TableImport:
    row = run_now(
        table_import_id=row.pk,
        resource=VariantResource(user=actor, may_create=False),
        read=read_import,
        title=f"Variants: {row.filename}",
        kind=JOB,
        actor=actor,
    )
    if row.state != TableImportState.DONE:
        raise RuntimeError(f"the table of the demo was not imported: {row.state} {row.error}")
    return row
