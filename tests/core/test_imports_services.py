"""Services of the import engine: what each refuses, and that a refusal leaves everything as it was."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.forms import model_to_dict

from core.errors import InvalidInput
from core.imports import services
from core.models import ImportBatch, ImportFormat
from tests.factories import make_channel

pytestmark = pytest.mark.django_db

COLUMNS = "external_number,placed_at,sku,name,quantity,unit_price,recipient_name,address_1"
ROW = "1,2026-05-01 10:00,SHIRT,셔츠,2,1000,김하윤,강북로 223"


def upload(content: str | bytes = f"{COLUMNS}\n{ROW}\n", *, actor: Any = None, **options: Any) -> ImportBatch:
    """Upload lines of orders of a shop in won."""
    raw = content.encode() if isinstance(content, str) else content
    channel = make_channel(currency="KRW", country="KR")
    chosen = {"sales_channel": channel.pk, "create_missing_variants": True, **options}
    return services.upload_file(
        target="orders.lines", file=ContentFile(raw, name="orders.csv"), options=chosen, actor=actor
    )


def test_a_kept_format_is_replaced_by_the_same_code() -> None:
    batch = upload()
    first = services.save_format(batch_id=batch.pk, code="own-shop", name="Shop", actor=None)
    second = services.save_format(batch_id=batch.pk, code="own-shop", name="Our shop", actor=None)
    assert second == first
    assert ImportFormat.objects.get().name == "Our shop"
    assert ImportFormat.objects.get().definition["name"] == "Our shop"


def test_a_kept_format_of_another_kind_of_import_is_not_overwritten() -> None:
    other = ImportFormat.objects.create(code="own-shop", name="Counts", target="other.rows", definition={"fields": {}})
    before = model_to_dict(other)
    with pytest.raises(InvalidInput, match="another kind of import"):
        services.save_format(batch_id=upload().pk, code="own-shop", name="Counts", actor=None)
    other.refresh_from_db()
    assert model_to_dict(other) == before
    assert ImportFormat.objects.count() == 1
