"""One rule set for showing personal data to people who may not see it in full: on screens, in searches and in files.

Enough is left to recognise a person, not enough to write to them. Masking what is masked already changes nothing.
"""

import re

HIDDEN = "****"
_CJK = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_PHONE = re.compile(r"[\d*\s()+.\-]+")  # a star stands for a digit that is hidden already
# the shapes that come out of the functions below, and nothing else: a note with two stars in it is no masked value
_MASKED = re.compile(
    r"""\*{4}                                     # hidden
    | \S\*{2,3}(\ \S\*{2,3})*                     # names
    | [^\s@*]?\*{3}@\S+                           # e-mail addresses
    | (?=([^\d*]*[\d*]){8})[\d*\s()+.\-]*\*{2,}[\d*\s()+.\-]*  # phones: eight places or more
    | \*{3}\S{1,2}                                # codes
    """,
    re.VERBOSE,
)


def mask_name(text: str) -> str:
    """Keep the first letter of each word: "김민준" becomes "김**", "Kim Minjun" becomes "K*** M***"."""
    return " ".join(word[0] + ("**" if _CJK.match(word) else "***") for word in text.split())


def mask_phone(text: str) -> str:
    """Hide all but the first and last group: "010-1234-5678" becomes "010-****-5678".

    A number without groups keeps its first three and last four digits; one too short for that keeps none, and what
    has letters in it is hidden.
    """
    text = text.strip()
    if not _PHONE.fullmatch(text):
        return hide(text)
    groups = re.split(r"([^\d*]+)", text)
    number = re.sub(r"[^\d*]", "", text)
    if len(number) < 8:
        return HIDDEN
    places = [n for n, group in enumerate(groups) if group[:1].isdigit() or group[:1] == "*"]
    if len(places) > 2:
        return "".join("*" * max(len(group), 2) if n in places[1:-1] else group for n, group in enumerate(groups))
    return f"{number[:3]}{'*' * max(len(number) - 7, 2)}{number[-4:]}"


def mask_email(text: str) -> str:
    """Hide all of the mailbox but its first letter: "kim@example.com" becomes "k***@example.com"."""
    text = text.strip()
    mailbox, at, domain = text.rpartition("@")
    if not at or not domain or any(character.isspace() for character in text):
        return HIDDEN if text else ""
    return f"{mailbox[:1].strip('*')}***@{domain}"


def mask_code(text: str) -> str:
    """Hide all but the last two characters of a mall's id of a buyer; a short one altogether."""
    text = text.strip()
    return f"***{text[-2:]}" if len(text) > 4 and not any(c.isspace() for c in text[-2:]) else hide(text)


def hide(text: str) -> str:
    """Hide an address or a note altogether; an empty one stays empty."""
    return HIDDEN if text.strip() else ""


def mask_any(text: str) -> str:
    """Mask a text of unknown kind by what it looks like; what looks like nothing known is hidden."""
    text = text.strip()
    if "@" in text:
        return mask_email(text)
    if _PHONE.fullmatch(text) and len(re.sub(r"[^\d*]", "", text)) >= 8:
        return mask_phone(text)
    is_name = len(text) <= 40 and not any(character.isdigit() for character in text)
    return mask_name(text) if is_name else hide(text)


def is_masked(text: str) -> bool:
    """Tell whether a text came out of one of these functions."""
    return _MASKED.fullmatch(text.strip()) is not None
