"""Personal data for people who may not see it in full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.masking import hide, is_masked, mask_any, mask_code, mask_email, mask_name, mask_phone


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("010-1234-5678", "010-****-5678"),
        ("02-123-4567", "02-***-4567"),
        ("+81 90 1234 5678", "+81 ** **** 5678"),
        ("+1 5 5555 5555", "+1 ** **** 5555"),
        ("(03) 1234-5678", "(03) ****-5678"),
        ("01012345678", "010****5678"),
        ("080-12345678", "080****5678"),
        ("12345678", "123**5678"),
        ("1234567", "****"),
        ("12-34", "****"),
        ("01012345678**", "010******78**"),
        ("Kim 010-1234-5678", "****"),
        ("", ""),
    ],
)
def test_phones_keep_what_recognises_a_caller(text, shown):
    assert mask_phone(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("kim@example.com", "k***@example.com"),
        ("a@b@c.kr", "a***@c.kr"),
        ("@c.kr", "***@c.kr"),
        ("kim", "****"),
        ("kim@", "****"),
        ("Kim <kim@example.com>", "****"),
        ("", ""),
    ],
)
def test_mails_keep_the_first_letter_and_the_domain(text, shown):
    assert mask_email(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("김민준", "김**"),
        ("김", "김**"),
        ("佐藤 花子", "佐** 花**"),
        ("さとう", "さ**"),
        ("Kim Minjun", "K*** M***"),
        (" Anna  Müller ", "A*** M***"),
        ("", ""),
    ],
)
def test_names_keep_the_first_letter_of_each_word(text, shown):
    assert mask_name(text) == shown


def test_codes_keep_two_characters_and_addresses_none():
    assert [mask_code(text) for text in ("buyer4321", "abcd", "", "ends in 1")] == ["***21", "****", "", "****"]
    assert [hide(text) for text in ("테헤란로 1", " ", "")] == ["****", "", ""]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("minjun@example.org", "m***@example.org"),
        ("010-1234-5678", "010-****-5678"),
        ("김민준", "김**"),
        ("서울시 강남구 테헤란로 1", "****"),
        ("buyer4321", "****"),
        ("06236", "****"),
        ("please leave it at the door of the neighbour, thanks", "****"),
        (" ", ""),
    ],
)
def test_a_cell_of_unknown_kind_is_masked_by_its_looks(text, shown):
    assert mask_any(text) == shown


@pytest.mark.parametrize(
    "text", ["김민준", "a*", "*", "", "** important **", "2**3", "kim@example.com", "010-1234-5678", "5*", "*b c*"]
)
def test_what_people_write_is_not_taken_for_masked(text):
    assert is_masked(text) is False


PERSONAL = st.one_of(st.text(max_size=60), st.from_regex(r"[\d*+() -]{0,16}", fullmatch=True), st.emails())


@pytest.mark.parametrize("mask", [mask_name, mask_phone, mask_email, mask_code, hide, mask_any])
@given(text=PERSONAL)
def test_masks_are_recognised_and_change_nothing_the_second_time(mask, text):
    masked = mask(text)
    assert masked == "" or is_masked(masked)
    assert mask(masked) == masked
