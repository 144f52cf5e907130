"""Lines without numbers of their own find the known lines that they are."""

from decimal import Decimal

from orders.services.intake.drafts import LineDraft
from orders.services.intake.line_ids import content, settle_ids


def line(external_id: str, quantity: int, *, is_numbered: bool = False) -> LineDraft:
    price = Decimal(100)
    return LineDraft(
        external_id=external_id,
        quantity=quantity,
        unit_price=price,
        total=100 * quantity,
        sku=external_id.partition("#")[0],
        is_numbered=is_numbered,
    )


def settled(drafted: list[LineDraft], known: dict[str, int]) -> list[tuple[str, int]]:
    """Return (id, quantity) of the drafted lines against known ones of these quantities."""
    settle_ids(drafted, {pk: content(line(pk, quantity)) for pk, quantity in known.items()})
    return [(one.external_id, one.quantity) for one in drafted]


def test_lines_of_equal_content_are_the_same_whatever_their_order() -> None:
    assert settled([line("A#1", 2), line("A#2", 1)], {"A#1": 1, "A#2": 2}) == [("A#2", 2), ("A#1", 1)]


def test_what_is_left_over_pairs_up_in_turn() -> None:
    assert settled([line("A#1", 5), line("A#2", 1)], {"A#1": 1, "A#2": 2}) == [("A#2", 5), ("A#1", 1)]


def test_further_lines_get_ids_that_are_free() -> None:
    found = settled([line("A#1", 7), line("A#2", 1), line("A#3", 8)], {"A#2": 1})
    assert found == [("A#1", 7), ("A#2", 1), ("A#3", 8)]


def test_ten_lines_keep_the_order_of_their_numbers() -> None:
    known = {f"A#{n}": n for n in range(1, 11)}
    assert settled([line("A#1", 99)], dict(reversed(known.items()))) == [("A#1", 99)]


def test_numbered_lines_and_other_articles_stay_as_they_are() -> None:
    drafted = [line("17", 1, is_numbered=True), line("B#1", 1), line("A#1", 3)]
    assert settled(drafted, {"17": 9, "A#1": 9}) == [("17", 1), ("B#1", 1), ("A#1", 3)]


def test_without_known_lines_nothing_is_settled() -> None:
    assert settled([line("A#1", 1), line("A#2", 1)], {}) == [("A#1", 1), ("A#2", 1)]
