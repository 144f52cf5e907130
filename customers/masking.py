"""Contact data for colleagues who may not see it in full: enough to recognise a caller, not enough to write to them.

Files that leave the system are masked more strictly, by ``core.masking``.
"""

import re


def mask_phone(text: str) -> str:
    """Hide all but the first and last group: "010-1234-5678" becomes "010-****-5678".

    A number without groups keeps its first three and last four digits; one too short for that keeps none.
    """
    groups = re.split(r"(\D+)", text.strip())
    digits = sum(character.isdigit() for character in text)
    if digits < 8:
        return "*" * len(text.strip())
    places = [n for n, group in enumerate(groups) if group.isdigit()]
    if len(places) > 2:
        return "".join(
            "*" * len(g) if g.isdigit() and n not in {places[0], places[-1]} else g for n, g in enumerate(groups)
        )
    number = re.sub(r"\D", "", text)
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def mask_email(text: str) -> str:
    """Hide all of the mailbox but its first letter: "kim@example.com" becomes "k***@example.com"."""
    mailbox, at, domain = text.strip().rpartition("@")
    if not at:
        return "*" * len(domain)
    return f"{mailbox[:1]}***@{domain}"


def mask_address(text: str) -> str:
    """Hide a street address altogether; town and postcode stand in fields of their own."""
    return "****" if text.strip() else ""


def mask_code(text: str) -> str:
    """Hide all but the last two characters of a mall's id of a buyer."""
    return f"***{text[-2:]}" if text else ""
