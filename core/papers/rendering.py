"""A template and data become one PDF; the data can never become markup."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import pgettext

from core.papers.compiling import CompilingError, compile_paper

# The first family that has a letter draws it: each language sees its own form of a Chinese character.
FAMILIES = {
    "ko": ["Noto Sans KR", "Noto Sans JP"],
    "ja": ["Noto Sans JP", "Noto Sans KR"],
    "en": ["Noto Sans KR", "Noto Sans JP"],
}


class PaperError(Exception):
    """A template is wrong or asks for data that it was not given: a bug, never the person's fault."""


def _root() -> Path:
    return Path(settings.BASE_DIR) / "templates"


def _plain(value: Any) -> Any:
    """Return what JSON knows; amounts and dates are refused, because they must come as people read them."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_plain(part) for part in value]
    raise TypeError(f"{type(value).__name__} must be written as text before it goes on paper")


def render_pdf(template: str, data: Mapping[str, Any], *, language: str, tagged: bool = True) -> bytes:
    """Return the PDF that ``template`` (such as "inventory/papers/label.typ", below ``templates/``) makes of ``data``.

    ``data`` is texts, whole numbers, booleans, lists and mappings of them, no deeper magic: money by ``format_money``,
    dates by ``moment_text``, barcodes by this package. The template reads it as ``data`` from
    "/core/papers/page.typ" and cannot mistake it for markup. ``language`` chooses words, fonts and forms of Chinese
    characters. Thousands of labels are one call with a list, never a call each. ``tagged=False`` leaves out what
    screen readers need: for labels. Raises PaperError (a bug of the template), TypeError (data that is not plain).
    """
    with translation.override(language):
        inputs = {
            "data": json.dumps(_plain(data), ensure_ascii=False),
            "paper": json.dumps(
                {
                    "language": language,
                    "families": FAMILIES[language],
                    "page": pgettext("paper", "Page {page} of {pages}"),
                },
                ensure_ascii=False,
            ),
        }
    try:
        return compile_paper(path=_root() / template, root=_root(), inputs=inputs, tagged=tagged)
    except CompilingError as error:
        raise PaperError(f"{template}: {error}") from error
