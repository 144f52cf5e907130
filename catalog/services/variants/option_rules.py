"""What options and drafted variants have to be before anything is written."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.gtin import validate_gtin
from catalog.models import Variant
from catalog.selectors.options import (
    MAX_COMBINATIONS,
    AxisDraft,
    OptionsState,
    VariantDraft,
    taken_skus,
)
from catalog.services.products.creating import MAX_AXES
from core.errors import Conflict, InvalidInput

MAX_VALUES = 100  # of one axis
_AXIS_NAME, _VALUE_NAME, _SKU, _NAME, _WEIGHT = 60, 80, 80, 160, 2_000_000_000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_SHOWN = 10


def check_axes(axes: Sequence[AxisDraft], state: OptionsState) -> list[AxisDraft]:
    """Return the axes with tidy names; InvalidInput when there are too many, or a name is missing or stands twice."""
    tidy = [
        replace(
            axis,
            name=_words(axis.name),
            values=[replace(value, name=_words(value.name), colour=value.colour.lower()) for value in axis.values],
        )
        for axis in axes
    ]
    if len(tidy) > MAX_AXES:
        raise InvalidInput(_("A product has at most %(count)s options, each with a name.") % {"count": MAX_AXES})
    _refuse_strangers(tidy, state)
    _refuse_names([axis.name for axis in tidy], _AXIS_NAME, _("Every option needs a name, such as colour."))
    for axis in tidy:
        _check_values(axis)
    return tidy


def _check_values(axis: AxisDraft) -> None:
    if not axis.values:
        raise InvalidInput(_("“%(axis)s” has no values yet. Write at least one, or remove it.") % {"axis": axis.name})
    if len(axis.values) > MAX_VALUES:
        raise InvalidInput(_("“%(axis)s” has more than %(count)s values.") % {"axis": axis.name, "count": MAX_VALUES})
    _refuse_names(
        [value.name for value in axis.values],
        _VALUE_NAME,
        _("“%(axis)s” has a value without a name.") % {"axis": axis.name},
    )
    if any(value.colour and not _COLOUR.fullmatch(value.colour) for value in axis.values):
        raise InvalidInput(_("A colour is written like #1a2b3c."))


def _refuse_names(names: Sequence[str], longest: int, missing: str) -> None:
    if not all(names):
        raise InvalidInput(missing)
    twice = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if twice:
        raise InvalidInput(_("“%(name)s” stands twice.") % {"name": twice[0]})
    if too_long := next((name for name in names if len(name) > longest), ""):
        raise InvalidInput(
            _("“%(name)s” is too long: at most %(limit)s characters.") % {"name": too_long[:20] + "…", "limit": longest}
        )


def _refuse_strangers(axes: Sequence[AxisDraft], state: OptionsState) -> None:
    """Raise InvalidInput for ids of another product's axes or values, or one that stands twice."""
    known = {(axis.pk, value.pk) for axis in state.axes for value in state.values.get(axis.pk, ())}
    own = [axis.id for axis in axes if axis.id]
    values = [(axis.id, value.id) for axis in axes for value in axis.values if value.id]
    strange = set(own) - {axis.pk for axis in state.axes} or set(values) - known
    if strange or len(own) != len(set(own)) or len(values) != len(set(values)):
        raise InvalidInput(_("This combination does not exist any more. Reload the page."))


def check_drafts(axes: Sequence[AxisDraft], drafts: Sequence[VariantDraft]) -> None:
    """Refuse new variants that cannot be; InvalidInput and Conflict name SKU and barcode."""
    if len(drafts) > MAX_COMBINATIONS:
        sentence = _("At most %(limit)s variants at once, these are %(count)s. Leave some out, or use fewer values.")
        raise InvalidInput(sentence % {"limit": MAX_COMBINATIONS, "count": len(drafts)})
    for draft in drafts:
        _check_draft(axes, draft)
    _refuse_taken([draft.sku for draft in drafts], taken_skus([draft.sku for draft in drafts]))
    barcodes = [draft.barcode for draft in drafts if draft.barcode]
    _refuse_taken(barcodes, taken_barcodes(barcodes))


def _check_draft(axes: Sequence[AxisDraft], draft: VariantDraft) -> None:
    if any(not 0 <= at < len(axis.values) for at, axis in zip(draft.values, axes, strict=True)):
        raise InvalidInput(_("This combination does not exist any more. Reload the page."))
    if not draft.sku or len(draft.sku) > _SKU or len(draft.name) > _NAME or draft.sku != draft.sku.strip():
        raise InvalidInput(
            _("Every variant needs an SKU of at most %(limit)s characters: %(sku)s")
            % {"limit": _SKU, "sku": draft.sku[:_SKU] or draft.name}
        )
    if problem := barcode_problem(draft.barcode):
        raise InvalidInput(f"{draft.sku}: {problem}")
    if draft.weight_g is not None and not 0 <= draft.weight_g <= _WEIGHT:
        raise InvalidInput(_("%(sku)s: a weight is a number of grams.") % {"sku": draft.sku})
    if any(amount < 0 for amount in draft.prices.values()):
        raise InvalidInput(_("A price cannot be negative."))


def barcode_problem(barcode: str) -> str:
    """Return what is wrong with a barcode in a sentence, "" when nothing is, or there is none."""
    try:
        if barcode:
            validate_gtin(barcode)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def taken_barcodes(barcodes: Iterable[str]) -> set[str]:
    """Return those that a variant has already."""
    return set(Variant.objects.filter(barcode__in=list(barcodes)).values_list("barcode", flat=True))


def _refuse_taken(values: Sequence[str], taken: set[str]) -> None:
    twice = {value for value, count in Counter(values).items() if count > 1} | taken
    if twice:
        raise Conflict(_("Already in use: %(values)s") % {"values": ", ".join(sorted(twice)[:_SHOWN])})


def _words(text: str) -> str:
    return " ".join(text.split())
