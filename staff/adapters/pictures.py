"""The door to uploaded creative files: measure, check against a slot, say it, draw a preview.

measured = measure(file, filename)                    # or PictureRefused, an InvalidInput
findings = check_against(measured, spec, text)        # stored with as_dict, read with from_dict
[sentence(finding) for finding in findings]           # in the reader's language
preview = render(file, measured, long_edge=1600)      # WebP, or None when nothing can draw it
"""

from staff.adapters.decoding import MAX_MEGAPIXELS
from staff.adapters.file_types import ACCEPTED
from staff.adapters.findings import Finding, PictureRefused, either, sentence
from staff.adapters.headers import MAX_FRAMES
from staff.adapters.measuring import MAX_ANIMATION_MEGAPIXELS, MAX_BYTES, Measured, measure
from staff.adapters.names import safe_name
from staff.adapters.rendering import render
from staff.adapters.slots import SlotSpec, check_against, check_text

__all__ = [
    "ACCEPTED",
    "MAX_ANIMATION_MEGAPIXELS",
    "MAX_BYTES",
    "MAX_FRAMES",
    "MAX_MEGAPIXELS",
    "Finding",
    "Measured",
    "PictureRefused",
    "SlotSpec",
    "check_against",
    "check_text",
    "either",
    "measure",
    "render",
    "safe_name",
    "sentence",
]
