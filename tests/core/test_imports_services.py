"""Services of the import engine: what each refuses, and that a refusal leaves everything as it was."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.forms import model_to_dict

from core.errors import InvalidInput, NotAllowed
from core.imports import running, services
from core.jobs import run
from core.models import ImportBatch, ImportFormat, ImportRow, ImportState, JobState
from orders.models import Order
from staff.models import User
from tests.factories import make_channel, make_user

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


class TestRunTime:
    """A job may run long after it was asked for."""

    @pytest.fixture
    def uploader(self) -> User:
        return make_user(permissions=["orders.add_order"])

    @pytest.fixture
    def starter(self) -> User:
        return make_user(permissions=["orders.add_order"])

    def started(self, uploader: User, starter: User) -> ImportBatch:
        return services.start_import(batch_id=upload(actor=uploader).pk, actor=starter)

    @pytest.mark.parametrize("who", ["uploader", "starter"])
    @pytest.mark.parametrize(
        ("loss", "code", "sentence"),
        [
            ({"is_active": False}, "account_closed", "The account that asked for this import is closed."),
            ({"rights": []}, "right_lost", "The account that asked for this import may no longer import such files."),
        ],
    )
    def test_without_account_or_right_nothing_is_written(
        self, uploader: User, starter: User, who: str, loss: dict[str, Any], code: str, sentence: str
    ) -> None:
        batch = self.started(uploader, starter)
        person = {"uploader": uploader, "starter": starter}[who]
        if "rights" in loss:
            person.user_permissions.clear()
        else:
            User.objects.filter(pk=person.pk).update(**loss)

        assert run(batch.job_id or 0) == JobState.FAILED

        batch.refresh_from_db()
        assert (batch.state, batch.problem, batch.counts) == (ImportState.FAILED, {"code": code}, {})
        assert batch.finished_at is not None
        assert batch.job is not None
        assert batch.job.error.startswith(sentence)
        assert not ImportRow.objects.exists()
        assert not Order.objects.exists()

    def test_with_the_right_given_back_it_goes_on(self, uploader: User, starter: User) -> None:
        batch = self.started(uploader, starter)
        User.objects.filter(pk=uploader.pk).update(is_active=False)
        with pytest.raises(NotAllowed):
            running.run_import(batch_id=batch.pk)
        User.objects.filter(pk=uploader.pk).update(is_active=True)
        batch = running.run_import(batch_id=batch.pk)
        assert (batch.state, batch.problem, batch.counts) == (ImportState.DONE, None, {"created": 1})

    def test_an_import_of_the_system_needs_no_right(self) -> None:
        batch = services.start_import(batch_id=upload().pk, actor=None)
        assert running.run_import(batch_id=batch.pk).counts == {"created": 1}


class TestPreview:
    def test_a_row_refused_by_a_rule_is_told_like_one_with_an_unusable_cell(self) -> None:
        known = "1,2026-05-01 10:00,SHIRT,셔츠,2,1000,김하윤,강북로 223"
        nothing = "2,2026-05-01 10:00,SHIRT,셔츠,0,1000,김하윤,강북로 223"
        unusable = "3,2026-05-01 10:00,SHIRT,셔츠,many,1000,김하윤,강북로 223"
        sibling = "3,2026-05-01 10:00,CAP,모자,1,1000,김하윤,강북로 223"
        batch = upload(f"{COLUMNS}\n{known}\n{nothing}\n{unusable}\n{sibling}\n")
        shown = services.preview(batch_id=batch.pk, actor=None)
        assert shown.scanned == 4
        assert [(n, [reason["code"] for reason in reasons]) for n, reasons in shown.refused_rows] == [
            (3, ["orders.no_quantity"]),
            (4, ["not_whole"]),
            (5, ["sibling"]),
        ]
        assert [row.number for row in shown.rows if row.outcome == "refused"] == [3, 4, 5]
        assert not Order.objects.exists()

    def test_cells_are_looked_at_beyond_the_rows_that_are_tried(self) -> None:
        lines = [f"{n},2026-05-01 10:00,SHIRT,셔츠,{'x' if n == 3 else 1},1000,김하윤,강북로 223" for n in (1, 2, 3)]
        batch = upload("\n".join([COLUMNS, *lines, ""]))
        shown = services.preview(batch_id=batch.pk, limit=1, actor=None)
        assert [row.number for row in shown.rows] == [2]
        assert [(n, [reason["code"] for reason in reasons]) for n, reasons in shown.refused_rows] == [
            (4, ["not_whole"])
        ]
