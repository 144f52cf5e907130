"""What a placement demands of a picture, and whether a measured file meets it."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from staff.adapters.findings import Finding
from staff.adapters.measuring import Measured

BYTES_PER_KB = 1024  # as malls count


@dataclass(frozen=True, kw_only=True)
class SlotSpec:
    """Demands of one placement; None means no limit. Formats as in ``Measured.format``.

    ``size_rule``: exact; at_least (both sides, same proportions); ratio (proportions, within 1 %); width
    (exactly this width, any height: detail pages).
    """

    width_px: int
    height_px: int
    size_rule: str
    max_kb: int | None
    formats: tuple[str, ...]
    text_limit: int | None


def check_against(measured: Measured, spec: SlotSpec, text: str = "") -> list[Finding]:
    """Return one finding for each demand, met or not: size, weight (when limited), format, text (when limited)."""
    findings = [_size(measured, spec)]
    if spec.max_kb is not None:
        findings.append(_weight(measured, spec.max_kb))
    findings.append(
        Finding(
            code="format",
            is_ok=measured.format in spec.formats,
            params={"formats": list(spec.formats), "actual": measured.format},
        )
    )
    return findings + check_text(text, spec)


def check_text(text: str, spec: SlotSpec) -> list[Finding]:
    """Return the finding about a text's length, for work that is a text only; none when the slot has no limit.

    Characters are counted composed, so that Korean typed on macOS counts as people count it; line ends count.
    """
    if spec.text_limit is None:
        return []
    length = len(unicodedata.normalize("NFC", text.strip().replace("\r\n", "\n")))
    return [Finding(code="text", is_ok=length <= spec.text_limit, params={"limit": spec.text_limit, "length": length})]


def _size(measured: Measured, spec: SlotSpec) -> Finding:
    params: dict[str, Any] = {"needs_width": spec.width_px, "needs_height": spec.height_px}
    if measured.width is None or measured.height is None:
        return Finding(
            code="size_unmeasured",
            is_ok=measured.format in spec.formats,
            params={**params, "actual": measured.format},
        )
    return Finding(
        code=f"size_{spec.size_rule}",
        is_ok=_RULES[spec.size_rule](measured.width, measured.height, spec),
        params={**params, "width": measured.width, "height": measured.height},
    )


def _is_in_proportion(width: int, height: int, spec: SlotSpec) -> bool:
    across, down = width * spec.height_px, height * spec.width_px
    difference = abs(across - down)
    # what networks tolerate; in small pictures a pixel may be more than that
    return difference * 100 <= max(across, down) or difference < max(spec.width_px, spec.height_px)


_RULES: dict[str, Callable[[int, int, SlotSpec], bool]] = {
    "exact": lambda width, height, spec: (width, height) == (spec.width_px, spec.height_px),
    "at_least": lambda width, height, spec: (
        width >= spec.width_px and height >= spec.height_px and _is_in_proportion(width, height, spec)
    ),
    "ratio": _is_in_proportion,
    "width": lambda width, _height, spec: width == spec.width_px,
}


def _weight(measured: Measured, max_kb: int) -> Finding:
    kb = -(-measured.size_bytes // BYTES_PER_KB)  # rounded up, so that what is too heavy also reads so
    return Finding(code="weight", is_ok=kb <= max_kb, params={"max_kb": max_kb, "kb": kb})
