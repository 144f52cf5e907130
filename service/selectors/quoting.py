"""Where a mail ends and what it answers begins: our own words come back with each answer, and are folded away."""

import re

_LONGEST_LINE = 300  # a longer one is no heading of a quote
# what programs put above the quoted mail, on one line or cut in two
_HEADINGS = (
    re.compile(r"^On .{5,200}wrote:\s*$"),
    re.compile(r"^.{5,250}<[^<>@\s]+@[^<>@\s]+>\s*(?:님이 작성|님이 씀)\s*:\s*$"),
    re.compile(r"^\d{4}년 \d{1,2}월 \d{1,2}일.{0,200}(?:작성|썼습니다|보낸 메시지)\s*:?\s*$"),
    re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日.{0,200}(?::|：)\s*$"),
    re.compile(r"^\d{4}[/.-]\d{1,2}[/.-]\d{1,2}.{0,200}<[^<>@\s]+@[^<>@\s]+>.{0,20}(?::|：)?\s*$"),
    re.compile(
        r"^[-_]{2,}\s*(?:original message|forwarded message|원본 메시지|원본 메일|元のメッセージ|転送メッセージ|"
        r"Original-Nachricht)\s*[-_]{2,}\s*$",
        re.IGNORECASE,
    ),
)
_BLOCK = re.compile(r"^(?:From|보낸 ?사람|보낸사람|差出人|送信者)\s*(?::|：)\s*\S")
_BLOCK_NEXT = re.compile(
    r"^(?:Sent|Date|To|Subject|보낸 ?날짜|보낸 ?시간|날짜|받는 ?사람|제목|日時|送信日時|宛先|件名)\s*(?::|：)"
)


def split_quote(body: str) -> tuple[str, str]:
    """Return what the sender wrote and what is quoted below it; all is fresh where nothing but a quote would be left.

    Lines with ">" in the middle stay: who answers point by point is read with the points.
    """
    lines = body.split("\n")
    start = next((place for place in range(len(lines)) if _begins_quote(lines, place)), len(lines))
    if start == len(lines) and any(line.startswith(">") for line in lines):
        start = _tail(lines)
    fresh, quoted = "\n".join(lines[:start]).rstrip(), "\n".join(lines[start:]).strip()
    return (fresh, quoted) if fresh.strip() else (body, "")


def _begins_quote(lines: list[str], place: int) -> bool:
    line = lines[place].strip()
    if not line or len(line) > _LONGEST_LINE:
        return False
    after = lines[place + 1].strip() if place + 1 < len(lines) else ""
    if any(heading.match(line) for heading in _HEADINGS):
        return True
    if line.startswith("On ") and any(heading.match(f"{line} {after}") for heading in _HEADINGS[:1]):
        return True
    return bool(_BLOCK.match(line)) and any(_BLOCK_NEXT.match(one.strip()) for one in lines[place + 1 : place + 4])


def _is_tail(line: str) -> bool:
    return not line.strip() or line.startswith(">")


def _tail(lines: list[str]) -> int:
    place = len(lines)
    while place and _is_tail(lines[place - 1]):
        place -= 1
    return place
