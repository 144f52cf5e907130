"""Cells of table files: exact, or refused with a sentence that says what to write."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from core.errors import NotAllowed
from core.models import EventRecord, TableImport
from core.resources import MomentWidget, MoneyWidget, TextWidget, WholeNumberWidget
from core.resources.choices import Choices
from core.resources.transfer import import_table
from orders.admin.resources import OrderResource
from orders.models import Order


@pytest.mark.parametrize(
    ("cell", "number"), [("1,200", 1200), ("3.0", 3), (" -7 ", -7), (12, 12), ("", None), (None, None)]
)
def test_whole_numbers(cell, number):
    assert WholeNumberWidget().clean(cell) == number


@pytest.mark.parametrize("cell", ["3.7", "1e9", "NaN", "Infinity", "1_000", "٣", "three", "1..2"])
def test_what_is_no_whole_number_is_named(cell):
    with pytest.raises(ValueError, match="is not a whole number") as refused:
        WholeNumberWidget().clean(cell)
    assert str(refused.value) == f"“{cell}” is not a whole number."


def test_whole_numbers_leave_as_numbers():
    assert [WholeNumberWidget().render(value) for value in (None, 0, 1200)] == ["", 0, 1200]


def test_text_is_kept_as_it_is_but_for_what_no_table_can_keep():
    assert [TextWidget().clean(cell) for cell in (" a ", 7, None)] == [" a ", "7", ""]
    with pytest.raises(ValueError, match="NUL"):
        TextWidget().clean("a\x00b")


class TestMoments:
    @pytest.fixture(autouse=True)
    def seoul(self):
        with timezone.override("Asia/Seoul"):
            yield

    @pytest.mark.parametrize(
        ("cell", "moment"),
        [
            ("2026-11-22 18:30", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
            ("2026/11/22", datetime(2026, 11, 21, 15, tzinfo=UTC)),
            ("2026-11-22T18:30:00+00:00", datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
            (datetime(2026, 11, 22, 18, 30), datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),  # noqa: DTZ001 as a sheet has it
            (datetime(2026, 11, 22, 18, 30, tzinfo=UTC), datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
            (" ", None),
            (None, None),
        ],
    )
    def test_a_time_without_an_offset_is_in_the_readers_zone(self, cell, moment):
        assert MomentWidget().clean(cell) == moment

    @pytest.mark.parametrize("cell", ["tomorrow", "2026-02-30", "2026-11-22 25:00", "22.11.2026"])
    def test_what_is_no_date_is_named(self, cell):
        with pytest.raises(ValueError, match="is not a date") as refused:
            MomentWidget().clean(cell)
        assert str(refused.value).startswith(f"“{cell}” is not a date.")

    def test_they_leave_in_the_readers_zone_with_their_offset(self):
        assert MomentWidget().render(datetime(2026, 11, 22, 9, 30, tzinfo=UTC)) == "2026-11-22 18:30:00+09:00"
        assert MomentWidget().render(None) == ""


def test_money_is_read_in_the_currency_of_its_row():
    widget = MoneyWidget()
    assert [widget.clean(cell, {"currency": " USD "}) for cell in ("12.50", "", None)] == [1250, None, None]
    assert widget.clean("1250", {"currency": "KRW"}) == 1250
    with pytest.raises(ValueError, match=r"12\.5"):
        widget.clean("12.5", {"currency": "KRW"})
    assert [widget.cell(1250, "USD"), widget.cell(None, "USD")] == [Decimal("12.50"), ""]
    assert [widget.render(1250), widget.render(None)] == ["1250", ""]


@pytest.mark.django_db
def test_documents_of_the_shop_come_in_through_no_table_file():
    row = TableImport.objects.create(model="orders.order", filename="x.csv")
    with pytest.raises(NotAllowed):
        import_table(resource=OrderResource(), dataset=None, row=row, choices=Choices(), actor=None)
    assert not Order.objects.exists()
    assert not EventRecord.objects.exists()
