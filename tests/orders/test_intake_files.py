"""Order files through the engine: outcomes by row, bad rows, kills in the middle, mappings, rights."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from catalog.models import SalesChannel
from channels.services.formats import FOLDER, sync_formats
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.imports import running, services
from core.imports.reading import suggest_fields
from core.imports.reasons import MESSAGES, sentences
from core.imports.selectors import outcome_counts, personal_columns, reason_counts, reconciliation
from core.imports.targets import target_of
from core.jobs import run
from core.models import ImportBatch, ImportFormat, ImportRow, Job
from core.verify import invariants
from orders.models import Order, OrderLine, OrderStatus
from tests.factories import make_channel, make_user
from tests.orders.intake_files import bring_in, row, text, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _formats() -> None:
    sync_formats()


@pytest.fixture
def channel() -> SalesChannel:
    """A shop in won."""
    return make_channel(currency="KRW", country="KR")


def reasons(batch: ImportBatch) -> dict[int, list[str]]:
    """Return row number -> codes."""
    rows = ImportRow.objects.filter(batch=batch, reason__isnull=False).order_by("number")
    return {one.number: [reason["code"] for reason in one.reason] for one in rows}


def test_the_generic_file_is_known_by_its_header(channel: SalesChannel) -> None:
    batch = bring_in([row("1"), row("1", sku="CAP", quantity="1"), row("2")], channel)
    assert batch.format is not None
    assert (batch.format.code, batch.state, batch.counts) == ("generic_orders", "done", {"created": 3})
    assert list(Order.objects.order_by("pk").values_list("external_number", "total", "status")) == [
        ("1", 3000, OrderStatus.TO_CONFIRM),
        ("2", 2000, OrderStatus.TO_CONFIRM),
    ]
    first = ImportRow.objects.get(batch=batch, number=2)
    assert (first.kind, first.reference, first.raw[2]) == ("line", "O-0000001", "SHIRT")
    assert first.object_id == OrderLine.objects.order_by("pk")[0].pk
    assert reconciliation(batch).agrees


def test_start_makes_a_job_and_the_job_imports(channel: SalesChannel) -> None:
    batch = upload(text([row("1")]), channel)
    services.start_import(batch_id=batch.pk, actor=None)
    job = Job.objects.get()
    assert (job.kind, job.title, job.parameters) == ("core.import_file", "orders.csv", {"batch": batch.pk})
    with pytest.raises(InvalidTransition):
        services.start_import(batch_id=batch.pk, actor=None)
    run(job.pk)
    job.refresh_from_db()
    batch.refresh_from_db()
    assert (job.state, job.outcome, batch.state, batch.job) == ("done", {"created": 1}, "done", job)


def test_columns_in_korean_are_suggested_and_the_mapping_is_kept(channel: SalesChannel) -> None:
    content = "주문번호,주문일시,상품코드,상품명,수량,단가,비고2\n77,2026-05-01 10:00,A,컵,3,500,x\n"
    batch = upload(content, channel)
    assert batch.format is None
    assert suggest_fields(target_of(batch.target), batch.columns) == {
        "external_number": "주문번호",
        "placed_at": "주문일시",
        "sku": "상품코드",
        "name": "상품명",
        "quantity": "수량",
        "unit_price": "단가",
    }
    assert batch.unknown_columns == ["비고2"]
    saved = services.save_format(batch_id=batch.pk, code="my-shop", name="My shop", actor=None)
    again = upload(content, channel)
    assert again.format == saved
    assert again.unknown_columns == []
    services.start_import(batch_id=again.pk, actor=None)
    assert running.run_import(batch_id=again.pk).counts == {"created": 1}
    assert Order.objects.get().total == 1500


def test_missing_columns_refuse_the_file_by_name(channel: SalesChannel) -> None:
    content = "placed_at,sku,name,quantity,unit_price\n2026-05-01,A,a,1,1\n"
    batch = upload(content, channel)
    assert (batch.state, batch.problem["code"]) == ("refused", "missing_columns")
    assert "external_number" in batch.problem["columns"]
    with pytest.raises(InvalidTransition):
        services.start_import(batch_id=batch.pk, actor=None)
    assert not Job.objects.exists()


def test_korean_and_japanese_files_are_decoded_by_the_channels_country() -> None:
    korea, japan = make_channel(country="KR"), make_channel(country="JP", currency="JPY")
    assert upload(text([row("1")]).encode("cp949"), korea).encoding == "cp949"
    batch = upload(
        text([row("1", name="髙﨑㈱①", recipient_name="テスト", address_1="岡富町8")]).encode("cp932"), japan
    )
    assert batch.encoding == "cp932"
    services.start_import(batch_id=batch.pk, actor=None)
    running.run_import(batch_id=batch.pk)
    assert OrderLine.objects.get().name == "髙﨑㈱①"


def test_a_person_can_overrule_the_encoding(channel: SalesChannel) -> None:
    batch = upload(text([row("1", name="テスト", recipient_name="x", address_1="y")]).encode("cp932"), channel)
    assert batch.encoding == "cp949"  # nonsense, which the preview shows
    services.set_encoding(batch_id=batch.pk, encoding="cp932", actor=None)
    shown = services.preview(batch_id=batch.pk, actor=None)
    assert shown.rows[0].values["name"] == "テスト"
    with pytest.raises(InvalidInput):
        services.set_encoding(batch_id=batch.pk, encoding="rot13", actor=None)


class TestBadRows:
    FAULTS = {
        "not_whole": {"quantity": "2.5"},
        "orders.no_quantity": {"quantity": ""},
        "orders.negative": {"quantity": "-1"},
        "orders.too_many": {"quantity": "1000001"},
        "not_amount": {"unit_price": "1e3"},
        "orders.no_price": {"unit_price": ""},
        "orders.price_negative": {"unit_price": "-1"},
        "not_date": {"placed_at": "soon"},
        "mangled": {"external_number": "1.93E+11"},
        "required": {"external_number": ""},
        "orders.no_name": {"sku": "", "name": ""},
        "orders.currency": {"currency": "XXX"},
        "orders.row_kind": {"row_kind": "gift"},
        "too_long": {"sku": "x" * 121},
    }

    def test_each_is_named_and_none_stops_the_rest(self, channel: SalesChannel) -> None:
        good = [row(f"G{n}") for n in range(len(self.FAULTS) * 19)]  # 5 % of the rows are bad
        rows = list(good)
        planted = {}
        for place, fault in enumerate(self.FAULTS.values()):
            rows.insert(place * 20, row(f"B{place}", **fault))
        for number, one in enumerate(rows, start=2):
            for code, fault in self.FAULTS.items():
                if one not in good and all(one.get(name) == value for name, value in fault.items()):
                    planted[number] = [code]
        batch = bring_in(rows, channel)
        assert batch.counts == {"created": len(good), "refused": len(self.FAULTS)}
        assert reasons(batch) == planted
        assert Order.objects.count() == len(good)
        assert {code for code, _column, _count in reason_counts(batch)} <= set(MESSAGES)

    def test_an_order_with_a_bad_line_is_refused_whole(self, channel: SalesChannel) -> None:
        batch = bring_in([row("1"), row("2"), row("1", sku="CAP", quantity="x")], channel)
        assert reasons(batch) == {2: ["sibling"], 4: ["not_whole"]}
        assert ImportRow.objects.get(batch=batch, number=2).reason == [{"code": "sibling", "row": 4}]
        assert list(Order.objects.values_list("external_number", flat=True)) == ["2"]

    def test_a_corrected_file_completes_what_was_refused(self, channel: SalesChannel) -> None:
        bring_in([row("1"), row("2", quantity="x")], channel)
        assert bring_in([row("1"), row("2")], channel).counts == {"unchanged": 1, "created": 1}

    def test_reasons_speak_the_readers_language(self, channel: SalesChannel) -> None:
        batch = bring_in([row("1", quantity="x")], channel)
        [sentence] = sentences(ImportRow.objects.get(batch=batch).reason)
        assert sentence == "quantity: “x” is not a whole number."

    def test_two_currencies_in_one_order(self, channel: SalesChannel) -> None:
        batch = bring_in([row("1", currency="KRW"), row("1", sku="B", currency="USD")], channel)
        assert reasons(batch) == {2: ["sibling"], 3: ["orders.two_currencies"]}

    def test_fractions_of_a_won(self, channel: SalesChannel) -> None:
        batch = bring_in([row("1", line_amount="10.5", unit_price="")], channel)
        assert reasons(batch) == {2: ["too_precise"]}

    def test_the_same_line_number_twice(self, channel: SalesChannel) -> None:
        rows = [
            row("1", line_id="7"),
            row("1", line_id="7"),
            row("2", line_id="8"),
            row("2", line_id="8", quantity="9"),
        ]
        batch = bring_in(rows, channel)
        assert reasons(batch) == {3: ["repeated"], 4: ["sibling"], 5: ["orders.conflict"]}
        assert ImportRow.objects.get(batch=batch, number=5).reason[0]["row"] == 4
        assert batch.counts == {"created": 1, "repeated": 1, "refused": 2}

    def test_an_unforeseen_fault_refuses_its_document_only(
        self, channel: SalesChannel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = running.target_of("orders.lines")
        write = target.write

        def faulty(chunk: Any, **more: Any) -> Any:
            if "13" in chunk.documents:
                raise ZeroDivisionError
            return write(chunk, **more)

        monkeypatch.setattr(type(target), "write", lambda self, chunk, **more: faulty(chunk, **more))
        batch = bring_in([row(str(n)) for n in range(30)], channel)
        assert batch.counts == {"created": 29, "refused": 1}
        assert ImportRow.objects.get(batch=batch, outcome="refused").reason == [
            {"code": "unexpected", "name": "ZeroDivisionError"}
        ]


class TestRights:
    def test_without_the_right_nothing_is_stored(self, channel: SalesChannel) -> None:
        with pytest.raises(NotAllowed):
            upload(text([row("1")]), channel, actor=make_user())
        assert not ImportBatch.objects.exists()

    def test_with_the_right(self, channel: SalesChannel) -> None:
        user = make_user(permissions=["orders.add_order"])
        assert upload(text([row("1")]), channel, actor=user).created_by == user

    def test_without_a_channel(self) -> None:
        with pytest.raises(InvalidInput):
            services.upload_file(target="orders.lines", file=ContentFile(b"a,b", name="x"), options={}, actor=None)

    def test_personal_columns_are_known(self, channel: SalesChannel) -> None:
        batch = upload(text([row("1", memo="call her")]), channel)
        assert {batch.columns[place] for place in personal_columns(batch)} == {"recipient_name", "address_1", "memo"}

    def test_personal_cells_reach_no_reason_and_no_log(
        self, channel: SalesChannel, caplog: pytest.LogCaptureFixture
    ) -> None:
        batch = bring_in([row("1", recipient_name="비밀" * 100), row("2", quantity="x")], channel)
        assert "비밀" not in str(list(ImportRow.objects.filter(batch=batch).values_list("reason", flat=True)))
        assert "비밀" not in caplog.text
        assert "김하윤" not in caplog.text


class TestFormats:
    def test_the_example_of_the_generic_format_imports_as_it_is(self, channel: SalesChannel) -> None:
        example = FOLDER / "examples" / "generic_orders.csv"
        batch = upload(example.read_bytes(), channel)
        services.start_import(batch_id=batch.pk, actor=None)
        assert (batch.unknown_columns, running.run_import(batch_id=batch.pk).counts) == ([], {"created": 4})
        assert list(Order.objects.order_by("external_number").values_list("external_number", "status", "total")) == [
            ("W-1001", OrderStatus.TO_CONFIRM, 95000),
            ("W-1002", OrderStatus.AWAITING_PAYMENT, 39000),
            ("W-1003", OrderStatus.CANCELLED, 39000),
        ]

    def test_syncing_again_changes_nothing(self) -> None:
        assert sync_formats() == {"made": 0, "changed": 0, "retired": 0}
        assert ImportFormat.objects.filter(is_builtin=True).count() >= 7

    def test_a_delivered_format_is_not_overwritten(self, channel: SalesChannel) -> None:
        batch = upload(text([row("1")]), channel)
        with pytest.raises(InvalidInput):
            services.save_format(batch_id=batch.pk, code="generic_orders", name="Mine", actor=None)

    def test_a_format_whose_file_is_gone_is_no_longer_offered(self) -> None:
        ImportFormat.objects.create(code="old", name="Old", target="orders.lines", definition={}, is_builtin=True)
        assert sync_formats()["retired"] == 1
        assert not ImportFormat.objects.get(code="old").is_active


def test_counts_by_outcome_and_a_second_file(channel: SalesChannel) -> None:
    bring_in([row("1"), row("2")], channel)
    batch = bring_in([row("2", recipient_name="이서준"), row("1"), row("3")], channel)
    assert outcome_counts(batch) == {"updated": 1, "unchanged": 1, "created": 1}
    assert Order.objects.get(external_number="2").recipient_name == "이서준"


def test_verify_finds_a_row_without_an_outcome(channel: SalesChannel) -> None:
    batch = bring_in([row("1")], channel)
    [check] = [one for one in invariants() if one.name == "core.imports_account_for_all_rows"]
    with connection.cursor() as cursor:
        cursor.execute(check.sql)
        assert cursor.fetchall() == []
        ImportRow.objects.filter(batch=batch).update(outcome="pending")
        cursor.execute(check.sql)
        assert cursor.fetchall() == [(batch.pk, 1, 1, 1)]


@pytest.mark.django_db(transaction=True)
def test_a_large_file_is_read_without_a_transaction_open(
    channel: SalesChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_then = []
    examine = services.examine
    monkeypatch.setattr(
        services, "examine", lambda *args: (open_then.append(connection.in_atomic_block), examine(*args))
    )
    batch = upload(text([row("1")]), channel)
    assert open_then == [False]
    assert ImportBatch.objects.get() == batch
