"""What the customer wrote is shown, what his program put below is folded away."""

import pytest

from service.selectors.quoting import split_quote


@pytest.mark.parametrize(
    "heading",
    [
        "On Mon, Nov 23, 2026 at 9:00 AM Help <help@shop.example> wrote:",
        "On Mon, Nov 23, 2026 at 9:00 AM A Very Long Name Indeed\n<help@shop.example> wrote:",
        "2026년 11월 23일 (월) 오전 9:00, 고객센터 <help@shop.example>님이 작성:",
        "2026年11月23日(月) 9:00 ヘルプ <help@shop.example>:",
        "2026/11/23 9:00、ヘルプ <help@shop.example> のメール：",
        "-----Original Message-----",
        "-----원본 메시지-----",
        "From: Help <help@shop.example>\nSent: Monday\nTo: Minjun",
        "보낸사람: 고객센터 <help@shop.example>\n받는사람: 김민준\n날짜: 2026-11-23",
        "差出人: ヘルプ <help@shop.example>\n日時: 2026年11月23日\n件名: 返品",
    ],
)
def test_quotes_of_many_programs_are_found(heading):
    body = f"네, 그렇게 해 주세요.\n\n{heading}\n> It left today.\n> Bye"
    fresh, quoted = split_quote(body)
    assert fresh == "네, 그렇게 해 주세요."
    assert quoted.startswith(heading)


@pytest.mark.parametrize(
    "body",
    [
        "One line",
        "",
        "> only a quote",
        "On Monday I wrote:\nhello",
        "> is it red?\nYes.\n> is it small?\nNo.",
        "From: here it is far",
        "x" * 5000 + " wrote:",
    ],
)
def test_what_is_no_quote_stays(body):
    fresh, quoted = split_quote(body)
    assert (fresh, quoted) in {(body, ""), (body.rstrip(), "")} or body.startswith("On Monday")


def test_a_tail_of_quoted_lines_is_folded():
    assert split_quote("Yes please.\n\n> Shall we?\n>\n> Help\n") == ("Yes please.", "> Shall we?\n>\n> Help")


def test_long_mails_are_split_in_no_time():
    assert split_quote("On " + "a " * 100_000 + "\n" * 50_000)[1] == ""
