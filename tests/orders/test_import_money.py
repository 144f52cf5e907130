"""Money of order files: exact minor units, extras beside the lines, payments single or as running totals."""

from decimal import Decimal
from typing import Any

import pytest

from core.imports.targets import Chunk
from orders.importing.money import LIMIT, Minor, Misfit, extras_of, payments_of
from orders.services.intake.drafts import LineDraft

WON, CENTS = Minor("KRW"), Minor("USD")


def chunk(**columns: list[Any]) -> Chunk:
    """Return a document of as many rows as the columns have."""
    count = len(next(iter(columns.values())))
    values = {
        name: [Decimal(cell) if name.endswith(("amount", "total")) and cell is not None else cell for cell in column]
        for name, column in columns.items()
    }
    return Chunk(numbers=list(range(2, 2 + count)), documents=["A"] * count, values=values, problems=[[]] * count)


def goods(total: int) -> LineDraft:
    return LineDraft(external_id="1", quantity=1, unit_price=Decimal(total), total=total)


class TestMinor:
    def test_amounts_are_exact_in_their_currency(self) -> None:
        assert [WON.exact(Decimal("1000.00"), 0), CENTS.exact(Decimal("-12.5"), 0)] == [1000, -1250]
        with pytest.raises(Misfit) as misfit:
            WON.exact(Decimal("0.5"), 7)
        assert (misfit.value.place, misfit.value.reason) == (
            7,
            {"code": "too_precise", "text": "0.5", "currency": "KRW"},
        )

    def test_computed_amounts_are_rounded_half_up(self) -> None:
        assert [CENTS.rounded(Decimal(text), 0) for text in ("1.005", "1.004", "-1.005", "2")] == [101, 100, -101, 200]

    def test_unit_prices_have_four_decimals_at_most(self) -> None:
        assert CENTS.unit(Decimal("0.1234000"), 0) == Decimal("0.1234")
        with pytest.raises(Misfit) as misfit:
            CENTS.unit(Decimal("0.12345"), 3)
        assert (misfit.value.place, misfit.value.reason["code"]) == (3, "too_precise")

    @pytest.mark.parametrize("read", [WON.exact, WON.rounded, WON.unit])
    def test_what_no_order_costs_is_refused(self, read: Any) -> None:
        assert read(LIMIT - 1, 0) == LIMIT - 1
        with pytest.raises(Misfit) as misfit:
            read(-LIMIT, 4)
        assert (misfit.value.place, misfit.value.reason["code"]) == (4, "too_large")


class TestExtras:
    def found(self, *, lines: int = 1000, **columns: list[Any]) -> tuple[list[tuple[str, int]], int | None]:
        document = chunk(**columns)
        extras, total = extras_of(document, range(len(document.numbers)), [goods(lines)], WON)
        return [(line.kind, line.total) for line in extras], total

    def test_discounts_count_down_whatever_their_sign(self) -> None:
        found, total = self.found(shipping_amount=["300"], discount_amount=["-50"], points_amount=["20"])
        assert found == [("shipping", 300), ("discount", -50), ("discount", -20)]
        assert total is None

    def test_the_first_filled_row_of_a_document_counts(self) -> None:
        assert self.found(shipping_amount=[None, "300", "400"])[0] == [("shipping", 300)]

    def test_tax_is_added_only_where_the_total_shows_that_prices_are_without_it(self) -> None:
        assert self.found(tax_amount=["100"], stated_total=["1100"]) == ([("fee", 100)], 1100)
        assert self.found(tax_amount=["100"], stated_total=["1000"]) == ([], 1000)
        assert self.found(tax_amount=["100"]) == ([], None)

    def test_an_extra_with_too_many_decimals_names_its_row(self) -> None:
        with pytest.raises(Misfit) as misfit:
            self.found(fee_amount=[None, "0.5"])
        assert misfit.value.place == 1


class TestPayments:
    def found(self, *, stated: int | None = None, **columns: list[Any]) -> list[tuple[str, int, str, bool]]:
        document = chunk(**columns)
        payments = payments_of(document, range(len(document.numbers)), WON, stated)
        return [(one.kind, one.amount, one.external_id, one.is_running_total) for one in payments]

    def test_what_was_paid_is_a_running_total(self) -> None:
        assert self.found(paid_amount=["900"]) == [("capture", 900, "", True)]

    def test_or_what_is_no_longer_outstanding(self) -> None:
        assert self.found(stated=1000, outstanding_amount=["400"]) == [("capture", 600, "", True)]
        assert self.found(stated=1000, outstanding_amount=["1000"]) == []
        assert self.found(outstanding_amount=["400"]) == []

    def test_refunds_count_whatever_their_sign(self) -> None:
        expected = [("capture", 900, "", True), ("refund", 200, "", True)]
        assert self.found(paid_amount=["900"], refunded_amount=["-200"]) == expected
        assert self.found(paid_amount=["900"], refunded_amount=["200"]) == expected

    def test_single_payments_are_told_once_though_each_row_repeats_them(self) -> None:
        found = self.found(payment_amount=["900", "900", "100", None], payment_id=["P1", "P1", "P2", None])
        assert found == [("capture", 900, "P1", False), ("capture", 100, "P2", False)]

    def test_single_payments_without_a_number_are_counted(self) -> None:
        assert self.found(payment_amount=["900", "100"]) == [
            ("capture", 900, "#1", False),
            ("capture", 100, "#2", False),
        ]

    def test_a_refund_under_the_number_of_its_payment_is_not_lost(self) -> None:
        assert self.found(payment_amount=["900", "-300"], payment_id=["P1", "P1"]) == [
            ("capture", 900, "P1", False),
            ("refund", 300, "P1", False),
        ]
