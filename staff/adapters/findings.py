"""What a check found about a file: stored as codes with numbers, put into words in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import InvalidInput
from staff.adapters.file_types import LABELS, PHRASES

LONGEST_NAME = 60  # in a sentence


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check and its outcome; ``params`` holds only what JSON can: numbers, names of formats, the file's name."""

    code: str
    is_ok: bool
    params: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        return {"code": self.code, "is_ok": self.is_ok, "params": dict(self.params)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return the finding that ``as_dict`` stored."""
        return cls(code=stored["code"], is_ok=stored["is_ok"], params=dict(stored["params"]))


class PictureRefused(InvalidInput):
    """A file cannot be taken at all; ``finding`` is kept for readers of other languages."""

    def __init__(self, code: str, **params: Any) -> None:
        self.finding = Finding(code=code, is_ok=False, params=params)
        super().__init__(sentence(self.finding))


def sentence(finding: Finding) -> str:
    """Return the finding in the active language; an unknown code is shown as it is."""
    message = _SENTENCES.get((finding.code, finding.is_ok))
    if message is None:
        return finding.code
    return str(message) % {key: _shown(key, value) for key, value in finding.params.items()}


def either(formats: Iterable[str]) -> str:
    """Return "PNG, JPEG or WebP" in the active language."""
    *others, last = [LABELS.get(format_, format_.upper()) for format_ in formats]
    return _("%(first)s or %(last)s") % {"first": ", ".join(others), "last": last} if others else last


def _shown(key: str, value: Any) -> str:
    if key == "name" and len(value) > LONGEST_NAME:
        return f"{value[: LONGEST_NAME - 16]}…{value[-15:]}"
    if key in {"claimed", "actual"}:
        return str(PHRASES.get(value, PHRASES["unknown"]))
    if isinstance(value, list):
        return either(value)
    return number_format(value, force_grouping=True) if isinstance(value, int) else str(value)


_SENTENCES: dict[tuple[str, bool], Any] = {
    # against the slot
    ("size_exact", True): gettext_lazy("%(width)s × %(height)s px, as needed."),
    ("size_exact", False): gettext_lazy(
        "Needs %(needs_width)s × %(needs_height)s px, the file has %(width)s × %(height)s px."
    ),
    ("size_at_least", True): gettext_lazy(
        "%(width)s × %(height)s px, as needed: at least %(needs_width)s × %(needs_height)s px in these proportions."
    ),
    ("size_at_least", False): gettext_lazy(
        "Needs at least %(needs_width)s × %(needs_height)s px in these proportions, the file has %(width)s × "
        "%(height)s px."
    ),
    ("size_ratio", True): gettext_lazy(
        "%(width)s × %(height)s px, in the proportions of %(needs_width)s × %(needs_height)s px."
    ),
    ("size_ratio", False): gettext_lazy(
        "Needs the proportions of %(needs_width)s × %(needs_height)s px, the file has %(width)s × %(height)s px."
    ),
    ("size_width", True): gettext_lazy("%(width)s px wide, as needed."),
    ("size_width", False): gettext_lazy("Needs a width of %(needs_width)s px, the file has %(width)s px."),
    ("size_unmeasured", True): gettext_lazy(
        "The file is %(actual)s and has no size in pixels: look yourself whether it suits "
        "%(needs_width)s × %(needs_height)s px."
    ),
    ("size_unmeasured", False): gettext_lazy(
        "Needs %(needs_width)s × %(needs_height)s px, the file is %(actual)s and has no size in pixels."
    ),
    ("weight", True): gettext_lazy("%(kb)s KB of at most %(max_kb)s KB."),
    ("weight", False): gettext_lazy("At most %(max_kb)s KB, the file has %(kb)s KB."),
    ("format", True): gettext_lazy("The file is %(actual)s, as needed."),
    ("format", False): gettext_lazy("Takes %(formats)s, the file is %(actual)s."),
    ("text", True): gettext_lazy("%(length)s of at most %(limit)s characters."),
    ("text", False): gettext_lazy("At most %(limit)s characters, the text has %(length)s."),
    # refused altogether
    ("empty", False): gettext_lazy("“%(name)s” is empty. Export it again and upload it."),
    ("too_heavy", False): gettext_lazy("“%(name)s” has %(mb)s MB; at most %(limit)s MB can be taken."),
    ("other_type", False): gettext_lazy(
        "“%(name)s” is not %(claimed)s, it is %(actual)s. Export it in the right format and upload it again."
    ),
    ("unusable_type", False): gettext_lazy("“%(name)s” is %(actual)s. Upload it as %(formats)s."),
    ("hidden_page", False): gettext_lazy(
        "“%(name)s” is %(actual)s with a web page hidden in it. Export it again and upload it."
    ),
    ("unreadable", False): gettext_lazy(
        "“%(name)s” cannot be read: it is damaged or incomplete. Export it again and upload it."
    ),
    ("too_many_pixels", False): gettext_lazy(
        "“%(name)s” has %(width)s × %(height)s px, %(megapixels)s megapixels; at most %(limit)s can be taken."
    ),
    ("too_many_frames", False): gettext_lazy(
        "“%(name)s” has more than %(limit)s frames. Shorten the animation and upload it again."
    ),
    ("animation_too_large", False): gettext_lazy(
        "“%(name)s” has %(frames)s frames of %(width)s × %(height)s px, %(megapixels)s megapixels together; at most "
        "%(limit)s megapixels can be taken. Shorten the animation or make it smaller."
    ),
}
