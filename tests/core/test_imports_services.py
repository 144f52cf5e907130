"""Services of the import engine: what each refuses, and that a refusal leaves everything as it was."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import OperationalError
from django.forms import model_to_dict

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.imports import running, services
from core.imports.errors import FileRefused
from core.imports.sources import local_file
from core.jobs import run
from core.models import ImportBatch, ImportFormat, ImportRow, ImportState, JobState
from orders.importing.target import OrderLines
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


class TestHowAFileIsRead:
    """Encoding, format and mapping are chosen until the import starts; a refusal leaves the file as it was."""

    def state(self, batch: ImportBatch) -> dict[str, Any]:
        return ImportBatch.objects.filter(pk=batch.pk).values().get()

    def test_a_format_takes_the_place_of_the_own_mapping(self) -> None:
        batch = upload(f"{COLUMNS},extra\n{ROW},x\n")
        kept = services.save_format(batch_id=batch.pk, code="own-shop", name="Shop", actor=None)
        services.set_mapping(batch_id=batch.pk, definition={"fields": {"sku": "sku"}}, actor=None)
        assert self.state(batch)["problem"]["code"] == "missing_columns"

        services.choose_format(batch_id=batch.pk, format_id=kept.pk, actor=None)

        found = ImportBatch.objects.get(pk=batch.pk)
        assert (found.format, found.mapping, found.state, found.problem) == (kept, {}, ImportState.UPLOADED, None)

    def test_a_format_whose_columns_are_missing_refuses_the_file_by_name(self) -> None:
        other = ImportFormat.objects.create(
            code="other", name="Other", target="orders.lines", definition={"fields": {"external_number": "Nr."}}
        )
        batch = upload()
        services.choose_format(batch_id=batch.pk, format_id=other.pk, actor=None)
        found = ImportBatch.objects.get(pk=batch.pk)
        assert (found.format, found.state) == (other, ImportState.REFUSED)
        assert found.problem["code"] == "missing_columns"
        assert found.problem["columns"].startswith("Nr., ")
        assert found.unknown_columns == COLUMNS.split(",")
        with pytest.raises(InvalidTransition, match="This file was refused"):
            services.start_import(batch_id=batch.pk, actor=None)

    def test_a_format_of_another_kind_of_import_is_not_offered(self) -> None:
        other = ImportFormat.objects.create(code="other", name="Other", target="other.rows", definition={})
        batch = upload()
        before = self.state(batch)
        with pytest.raises(ImportFormat.DoesNotExist):
            services.choose_format(batch_id=batch.pk, format_id=other.pk, actor=None)
        assert self.state(batch) == before

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"colour": "sku"}, "“colour” is not a field of this kind of import."),
            ({"sku": "Artikel"}, "The file has no column “Artikel”."),
        ],
    )
    def test_a_mapping_of_what_is_not_there_is_refused(self, fields: dict[str, str], sentence: str) -> None:
        batch = upload()
        before = self.state(batch)
        with pytest.raises(InvalidInput) as refused:
            services.set_mapping(batch_id=batch.pk, definition={"fields": fields}, actor=None)
        assert str(refused.value) == sentence
        assert self.state(batch) == before

    def test_an_encoding_that_is_not_offered_is_refused(self) -> None:
        batch = upload()
        before = self.state(batch)
        with pytest.raises(InvalidInput, match="Choose one of the encodings offered"):
            services.set_encoding(batch_id=batch.pk, encoding="rot13", actor=None)
        assert self.state(batch) == before

    def test_nothing_is_chosen_any_more_once_it_has_started(self) -> None:
        batch = upload()
        kept = services.save_format(batch_id=batch.pk, code="own-shop", name="Shop", actor=None)
        services.start_import(batch_id=batch.pk, actor=None)
        before = self.state(batch)
        for choose in (
            lambda: services.set_encoding(batch_id=batch.pk, encoding="cp949", actor=None),
            lambda: services.choose_format(batch_id=batch.pk, format_id=kept.pk, actor=None),
            lambda: services.set_mapping(batch_id=batch.pk, definition={"fields": {}}, actor=None),
        ):
            with pytest.raises(InvalidTransition, match="already started"):
                choose()
        assert self.state(batch) == before

    def test_without_the_right_nothing_is_chosen(self) -> None:
        batch, stranger = upload(), make_user(permissions=["core.add_importbatch"])
        before = self.state(batch)
        for choose in (
            lambda: services.set_encoding(batch_id=batch.pk, encoding="cp949", actor=stranger),
            lambda: services.set_mapping(batch_id=batch.pk, definition={"fields": {}}, actor=stranger),
            lambda: services.save_format(batch_id=batch.pk, code="own", name="Own", actor=stranger),
            lambda: services.preview(batch_id=batch.pk, actor=stranger),
            lambda: services.start_import(batch_id=batch.pk, actor=stranger),
        ):
            with pytest.raises(NotAllowed):
                choose()
        assert self.state(batch) == before
        assert not ImportFormat.objects.exists()


class Elsewhere(Storage):
    """A storage without paths, as those of other machines are."""

    def _open(self, name: str, mode: str = "rb") -> ContentFile:
        return ContentFile("1,셔츠\n".encode(), name=name)


class TestAccidents:
    """What no rule foresees ends the job in words, and the import can be taken up again."""

    def job(self) -> ImportBatch:
        return services.start_import(batch_id=upload().pk, actor=None)

    def test_a_fault_of_the_program_stops_the_import_and_names_its_class_only(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = self.job()
        with monkeypatch.context() as patch:
            patch.setattr(running, "stage", lambda *_given, **_more: 1 // 0)
            assert run(batch.job_id or 0) == JobState.FAILED
        batch.refresh_from_db()
        assert batch.job is not None
        assert (batch.state, batch.job.error) == (ImportState.FAILED, "ZeroDivisionError")
        assert running.run_import(batch_id=batch.pk).counts == {"created": 1}

    def test_a_lost_database_leaves_the_import_as_it_was(self, monkeypatch: pytest.MonkeyPatch) -> None:
        batch = self.job()

        def lost(*_given: Any, **_more: Any) -> None:
            raise OperationalError("the connection is lost")

        with monkeypatch.context() as patch:
            patch.setattr(OrderLines, "write", lost)
            assert run(batch.job_id or 0) == JobState.FAILED
        batch.refresh_from_db()
        assert (batch.state, batch.rows.get().outcome) == (ImportState.IMPORTING, "pending")
        assert running.run_import(batch_id=batch.pk).counts == {"created": 1}

    def test_a_file_that_became_unreadable_is_refused_when_it_runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        batch = self.job()

        def unreadable(*_given: Any, **_more: Any) -> None:
            raise FileRefused("too_many_rows", limit=1)

        monkeypatch.setattr(running, "stage", unreadable)
        assert run(batch.job_id or 0) == JobState.DONE
        batch.refresh_from_db()
        assert (batch.state, batch.problem) == (ImportState.REFUSED, {"code": "too_many_rows", "limit": 1})
        assert not ImportRow.objects.exists()

    def test_a_storage_elsewhere_is_read_through_a_copy(self) -> None:
        batch = ImportBatch.objects.get(pk=self.job().pk)
        batch.file.storage = Elsewhere()
        with local_file(batch) as path:
            assert path.read_text(encoding="utf-8") == "1,셔츠\n"
            assert path.suffix == ".csv"
        assert not path.exists()
