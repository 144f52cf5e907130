"""One rule set for showing personal data to people who may not see it in full."""

MASK = "●"


def mask_text(text: str) -> str:
    """Keep the first character: "김민준" becomes "김●●"; an empty text stays empty."""
    return text[:1] + MASK * max(len(text) - 1, 1) if text else ""


def mask_email(text: str) -> str:
    """Keep the first character and the domain's ending: "a●●●@●●●.jp"."""
    name, at, domain = text.partition("@")
    if not at:
        return mask_text(text)
    return f"{name[:1]}{MASK * 3}@{MASK * 3}.{domain.rsplit('.', 1)[-1]}"


def mask_phone(text: str) -> str:
    """Keep the last two digits: "●●●●●●●●●78"."""
    return MASK * max(len(text) - 2, 1) + text[-2:] if text else ""


def is_masked(text: str) -> bool:
    """Tell whether a text came out of one of these functions."""
    return MASK in text
