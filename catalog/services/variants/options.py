"""Options of a product and the variants they make: drafted on the page, written in one go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.events import VariantsAdded
from catalog.models import OptionAxis, OptionValue, Product, Variant, VariantOption
from catalog.policies import can_add_variants, can_change_products, can_set_prices
from catalog.selectors.options import (
    AxisDraft,
    Combination,
    OptionsState,
    VariantDraft,
    name_of,
    options_state,
)
from catalog.services.pictures.proving import check_shown_prices
from catalog.services.products.creating import NewVariant, copy_prices, copy_variants
from catalog.services.products.searching import refresh_search_text
from catalog.services.review.reviewing import content_changed
from catalog.services.variants.option_rules import check_axes, check_drafts
from core.copying import copy_rows, draw_ids, update_rows
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from staff.models import User

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsChange:
    """What somebody wants a product's options to be.

    ``opened`` is the fingerprint of the state that was looked at; ``placed`` says where variants without a combination
    stand (variant id -> places on the axes); ``variants`` are new.
    """

    opened: str
    axes: Sequence[AxisDraft]
    variants: Sequence[VariantDraft] = ()
    placed: Mapping[int, Combination] | None = None


def save_options(*, product_id: int, change: OptionsChange, actor: User | None = None) -> list[int]:
    """Let the product have these axes and values, place and make variants, and return the ids of the new ones.

    1. The product is locked; whoever saves a state that somebody else changed meanwhile gets Conflict. 2. Everything is
    checked: InvalidInput names what is wrong (a value or axis that goes while variants need it, a combination or a name
    that stands twice, a barcode with a wrong digit, more than 300 new ones), Conflict an SKU or barcode in use. 3. A
    constant number of statements writes it all. Renamed values rename the variants that bear the usual name. NotAllowed
    without the rights to change products, to add variants, to set prices.
    """
    _refuse_unless(can_change_products, actor, _("You may not change products."))
    if change.variants:
        _refuse_unless(can_add_variants, actor, _("You may not add variants."))
    if any(draft.prices for draft in change.variants):
        _refuse_unless(can_set_prices, actor, _("You may not set prices."))
    try:
        with transaction.atomic():
            return _save(product_id, change, actor)
    except IntegrityError as error:
        # the product's lock does not keep another product from taking the same SKU at the same moment
        raise Conflict(_("An SKU or barcode was taken meanwhile. Look at the list again, then save.")) from error


def _save(product_id: int, change: OptionsChange, actor: User | None) -> list[int]:
    product = Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)
    state = options_state(product_id=product_id)
    if state.fingerprint != change.opened:
        raise Conflict(
            _(
                "Somebody else changed the options or variants of this product meanwhile. Nothing is saved."
                " Reload the page."
            )
        )
    axes = check_axes(change.axes, state)
    after = _places_after(axes, state, change.placed or {})
    _refuse_lost(axes, state)
    _refuse_doubles(axes, state, after, change.variants)
    check_drafts(axes, change.variants)
    names = _names_after(axes, state, after)
    ids = _write_axes(product_id, axes, state)
    _write_places(state, after, ids)
    update_rows(Variant, [("name", "text")], names)
    new = _write_variants(product_id, axes, change.variants, ids)
    refresh_search_text(product_ids=[product_id])
    content_changed(product_ids=[product_id], parts=["variants"], actor=actor)
    if new:
        record(VariantsAdded(product_id=product_id, count=len(new)), subject=product, actor=actor)
    if any(draft.prices for draft in change.variants):
        check_shown_prices(product_ids=[product_id])
    return new


# --- what would be true


Places = dict[int, tuple[int | None, ...]]  # variant id -> place on each axis, None where it has no value


def _places_after(axes: Sequence[AxisDraft], state: OptionsState, placed: Mapping[int, Combination]) -> Places:
    numbers = [{value.id: number for number, value in enumerate(axis.values) if value.id} for axis in axes]
    known = {variant.pk for variant in state.variants}
    if set(placed) - known:
        raise InvalidInput(_("The variant belongs to another product."))
    after: Places = {}
    for variant in state.variants:
        chosen = state.chosen.get(variant.pk, {})
        held = tuple(numbers[at].get(chosen.get(axis.id or 0, 0)) for at, axis in enumerate(axes))
        after[variant.pk] = _filled(held, placed.get(variant.pk), axes)
    return after


def _filled(
    held: tuple[int | None, ...], wanted: Combination | None, axes: Sequence[AxisDraft]
) -> tuple[int | None, ...]:
    """Return where a variant stands: what it has stays, what it lacks is taken from ``wanted``."""
    if wanted is None:
        return held
    if len(wanted) != len(axes) or any(not 0 <= at < len(axis.values) for at, axis in zip(wanted, axes, strict=True)):
        raise InvalidInput(_("This combination does not exist any more. Reload the page."))
    return tuple(new if old is None else old for old, new in zip(held, wanted, strict=True))


def _refuse_lost(axes: Sequence[AxisDraft], state: OptionsState) -> None:
    """Raise InvalidInput for a value that goes while variants have it; an axis may go when all stay different."""
    kept_axes = {axis.id for axis in axes}
    kept = {value.id for axis in axes for value in axis.values}
    for axis in state.axes:
        if axis.pk not in kept_axes:
            continue
        for value in state.values.get(axis.pk, ()):
            users = [v.sku for v in state.variants if state.chosen.get(v.pk, {}).get(axis.pk) == value.pk]
            if value.pk not in kept and users:
                sentence = _("“%(value)s” cannot be removed: %(skus)s have it. Switch them off instead.")
                raise InvalidInput(sentence % {"value": value.name, "skus": shown(users)})


def _refuse_doubles(
    axes: Sequence[AxisDraft], state: OptionsState, after: Places, drafts: Sequence[VariantDraft]
) -> None:
    """Raise InvalidInput when two variants would be the same thing."""
    where: dict[tuple[int | None, ...], list[str]] = {}
    for variant in state.variants:
        had = state.chosen.get(variant.pk)
        if any(at is not None for at in after[variant.pk]) or had:
            where.setdefault(after[variant.pk], []).append(variant.sku)
    for draft in drafts:
        if len(draft.values) != len(axes) or not axes:
            raise InvalidInput(_("This combination does not exist any more. Reload the page."))
        where.setdefault(draft.values, []).append(draft.sku)
    doubles = next((skus for skus in where.values() if len(skus) > 1), None)
    if doubles:
        raise InvalidInput(_("%(skus)s would have the same options.") % {"skus": shown(doubles)})


def _names_after(axes: Sequence[AxisDraft], state: OptionsState, after: Places) -> list[tuple[int, str]]:
    """Return (variant id, new name) of those that bore the usual name and have another one now."""
    before = state.drafts()
    at = {value.id: number for axis in before for number, value in enumerate(axis.values)}
    changed = []
    for variant in state.variants:
        chosen = state.chosen.get(variant.pk, {})
        old_axes = [axis for axis in before if axis.id in chosen]
        old = name_of(old_axes, [at[chosen[axis.id or 0]] for axis in old_axes])
        place = after[variant.pk]
        held = [(axis, number) for axis, number in zip(axes, place, strict=True) if number is not None]
        new = name_of([axis for axis, _number in held], [number for _axis, number in held])
        is_usual = not chosen or variant.name in {old, ""}
        if is_usual and new not in {variant.name, ""}:
            changed.append((variant.pk, new))
    return changed


# --- writing


@dataclass(frozen=True, slots=True)
class _Ids:
    """The ids of the axes, and of the values of each, in order."""

    axes: list[int]
    values: list[list[int]]

    def options(self, place: Sequence[int | None]) -> list[tuple[int, int]]:
        """Return (axis id, value id) of each axis on which the place has a value."""
        return [
            (axis, values[at]) for axis, values, at in zip(self.axes, self.values, place, strict=True) if at is not None
        ]


def _write_axes(product_id: int, axes: Sequence[AxisDraft], state: OptionsState) -> _Ids:
    """Delete, rename and insert axes and values, and return all their ids."""
    kept_axes = [axis.id for axis in axes if axis.id]
    kept_values = [value.id for axis in axes for value in axis.values if value.id]
    gone = [axis.pk for axis in state.axes if axis.pk not in kept_axes]
    if gone:
        VariantOption.objects.filter(axis__in=gone).delete()
    OptionValue.objects.filter(axis__product=product_id).exclude(pk__in=kept_values).delete()
    OptionAxis.objects.filter(pk__in=gone).delete()
    axis_ids = _ids(OptionAxis, [axis.id for axis in axes])
    value_ids = [_ids(OptionValue, [value.id for value in axis.values]) for axis in axes]
    _rename(OptionAxis, [(axis.id, axis.name, place) for place, axis in enumerate(axes) if axis.id])
    rows = [(value, place, number) for number, axis in enumerate(axes) for place, value in enumerate(axis.values)]
    _rename(OptionValue, [(value.id, value.name, place) for value, place, _number in rows if value.id])
    colours = [(value.id, value.colour) for value, _place, _number in rows if value.id]
    update_rows(OptionValue, [("colour", "text")], colours)
    copy_rows(
        OptionAxis,
        ("id", "product_id", "name", "position"),
        ((axis_ids[place], product_id, axis.name, place) for place, axis in enumerate(axes) if not axis.id),
    )
    copy_rows(
        OptionValue,
        ("id", "axis_id", "name", "colour", "position"),
        (
            (value_ids[number][place], axis_ids[number], value.name, value.colour, place)
            for value, place, number in rows
            if not value.id
        ),
    )
    return _Ids(axis_ids, value_ids)


def _ids(model: type[OptionAxis] | type[OptionValue], known: Sequence[int | None]) -> list[int]:
    fresh = iter(draw_ids(model, sum(pk is None for pk in known)))
    return [pk if pk is not None else next(fresh) for pk in known]


def _rename(model: type[OptionAxis] | type[OptionValue], rows: Sequence[tuple[int | None, str, int]]) -> None:
    """Write names and places; all step aside first, so that two may swap their names."""
    update_rows(model, [("name", "text")], [(pk, f"\u0001{pk}") for pk, _name, _place in rows])
    update_rows(model, [("name", "text"), ("position", "int")], rows)


def _write_places(state: OptionsState, after: Places, ids: _Ids) -> None:
    """Insert what variants have now on axes on which they had nothing."""
    rows = [
        (variant.pk, axis, value)
        for variant in state.variants
        for axis, value in ids.options(after[variant.pk])
        if axis not in state.chosen.get(variant.pk, {})
    ]
    copy_rows(VariantOption, ("variant_id", "axis_id", "value_id"), rows)


def _write_variants(product_id: int, axes: Sequence[AxisDraft], drafts: Sequence[VariantDraft], ids: _Ids) -> list[int]:
    if not drafts:
        return []
    new = draw_ids(Variant, len(drafts))
    made = list(zip(new, drafts, strict=True))
    copy_variants(
        (
            pk,
            product_id,
            NewVariant(
                sku=draft.sku,
                name=draft.name or name_of(axes, draft.values),
                barcode=draft.barcode,
                weight_g=draft.weight_g,
            ),
        )
        for pk, draft in made
    )
    copy_rows(
        VariantOption,
        ("variant_id", "axis_id", "value_id"),
        ((pk, axis, value) for pk, draft in made for axis, value in ids.options(draft.values)),
    )
    copy_prices([(pk, NewVariant(sku=draft.sku, prices=draft.prices)) for pk, draft in made], timezone.now())
    return new


def shown(names: Sequence[str]) -> str:
    """Return a few names and how many more there are."""
    rest = len(names) - SHOWN
    few = ", ".join(names[:SHOWN])
    if rest <= 0:
        return few
    return ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", rest) % {
        "names": few,
        "count": rest,
    }


def _refuse_unless(may: Callable[[User], bool], actor: User | None, sentence: str) -> None:
    if actor is not None and not may(actor):
        raise NotAllowed(sentence)
