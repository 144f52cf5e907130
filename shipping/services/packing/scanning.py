"""One scan on the packing table: what it means is decided here, under the order's lock."""

from dataclasses import KW_ONLY, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import DomainError
from orders.models import Order
from orders.services.batches import check_right, lock_order
from shipping.models import Packing, PackingCheck, PackingState, ScanOutcome, WaveOrder, WaveState
from shipping.policies import can_pack
from shipping.selectors.packing import (
    Need,
    Parcel,
    goods_of_code,
    news_of_order,
    news_of_packing,
    order_of_code,
    packer_of,
    parcel_of,
    piece_of_number,
)
from shipping.selectors.picking import reserved_for
from shipping.selectors.waving import IN_A_WAVE
from shipping.services.packing.completing import complete_packing
from shipping.services.waves.leaving import stop_packings
from shipping.services.waves.walking import start_packing
from staff.models import User

O = ScanOutcome  # noqa: E741 the word of nearly every line below

LABEL = "label"  # the note of the scan that brought the tracking number


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the scan is told, and what the check keeps of it."""

    outcome: ScanOutcome
    note: str = ""
    _: KW_ONLY
    order: Order | None = None
    packing: Packing | None = None
    need: Need | None = None
    variant_id: int | None = None
    serial: str = ""


def scan(
    *,
    code: str,
    packing_id: int | None = None,
    wants_label: bool = False,
    key: str = "",
    actor: User | None = None,
) -> PackingCheck:
    """Judge one scan and return the check that keeps it; nothing that a person can scan is an error.

    Without ``packing_id`` the code is an order's (or its slip's) and opens its packing; with one it is a piece: GTIN,
    SKU, another code, or the serial number where pieces are numbered. The last piece ships the parcel with
    ``ship_order``; ``wants_label``: the tracking number of its label is scanned after it. An order that was cancelled,
    held, packed or taken over meanwhile says so, and its packing ends. The same ``key`` answers with the same check;
    Conflict when it comes with another code. NotAllowed without the right to pack.
    """
    check_right(can_pack, actor)
    read = code.strip()[:120]

    def run() -> int:
        return _scan(read, packing_id, actor, wants_label=wants_label).pk

    if not key:
        return _answer(run())
    parameters: dict[str, Any] = {"code": read, "packing": packing_id, "wants_label": wants_label}
    return _answer(once(key=f"shipping.scan:{key}", parameters=parameters, run=run))


def _answer(check_id: int) -> PackingCheck:
    return PackingCheck.objects.select_related("order", "packing", "variant__product").get(pk=check_id)


@transaction.atomic  # not around ``once``: a kept answer must outlive it
def _scan(code: str, packing_id: int | None, actor: User | None, *, wants_label: bool) -> PackingCheck:
    """Lock, judge, write.

    1. The order is locked before anything about it is believed: whoever cancels, holds, ships or packs it waits.
    2. Its state is judged first, then whose packing it is, then the piece.
    3. The last piece ships in the same transaction; what shipping refuses is the answer and leaves the piece out.
    """
    if packing_id is None:
        return _keep(code, _open(code, actor), actor)
    packing = Packing.objects.select_related("order", "warehouse").get(pk=packing_id)
    packing.order = lock_order(packing.order_id)
    packing.refresh_from_db(fields=["state", "shipment"])
    if (news := news_of_packing(packing)) is not None:
        stop_packings(order_ids=[packing.order_id] if packing.state == PackingState.OPEN else [])
        return _keep(code, _Verdict(*news), actor, packing)
    parcel = parcel_of(packing=packing)
    if parcel.has_changed:
        stop_packings(order_ids=[packing.order_id])
        return _keep(code, _Verdict(O.REFUSED, _("The order was changed meanwhile: start it again.")), actor, packing)
    verdict = _piece(code, packing, parcel, wants_label=wants_label)
    if verdict.outcome == O.COMPLETE:
        return _complete(code, verdict, packing, parcel, actor)
    return _keep(code, verdict, actor, packing)


def _complete(code: str, verdict: _Verdict, packing: Packing, parcel: Parcel, actor: User | None) -> PackingCheck:
    label = code if verdict.note == LABEL else ""
    try:
        with transaction.atomic():
            check = _keep(code, verdict, actor, packing)
            complete_packing(packing=packing, parcel=parcel, tracking_number=label, actor=actor)
            return check
    except DomainError as error:
        return _keep(code, _Verdict(O.REFUSED, str(error)[:300]), actor, packing)


def _keep(code: str, verdict: _Verdict, actor: User | None, packing: Packing | None = None) -> PackingCheck:
    packing = packing or verdict.packing
    order = verdict.order or (packing.order if packing else None)
    return PackingCheck.objects.create(
        packing=packing,
        order=order,
        code=code,
        outcome=verdict.outcome,
        line_id=verdict.need.line_id if verdict.need else None,
        variant_id=verdict.need.variant_id if verdict.need else verdict.variant_id,
        serial=verdict.serial,
        note=verdict.note,
        scanned_by=actor,
    )


def _open(code: str, actor: User | None) -> _Verdict:
    found = order_of_code(code)
    if found is None:
        return _Verdict(O.UNKNOWN, variant_id=next(iter(goods_of_code(code)), None))
    order = lock_order(found.pk)
    if (news := news_of_order(order)) is not None:
        stop_packings(order_ids=[order.pk])
        return _Verdict(*news, order=order)
    going_on = order.packings.filter(state=PackingState.OPEN).first()
    if going_on is not None:
        if actor is None or going_on.packed_by_id == actor.pk:
            return _Verdict(O.STARTED, order=order, packing=going_on)
        return _Verdict(O.TAKEN, packer_of(order), order=order, packing=going_on)
    return _begin(order, actor)


def _begin(order: Order, actor: User | None) -> _Verdict:
    inside = WaveOrder.objects.filter(IN_A_WAVE, order=order).select_related("wave").first()
    places = sorted({one.warehouse_id for one in reserved_for([order.pk])})
    if not places:
        return _Verdict(O.REFUSED, _("Not all of its pieces are reserved."), order=order)
    place = inside.wave.warehouse_id if inside and inside.wave.warehouse_id in places else places[0]
    if inside and inside.wave.state != WaveState.PACKING:
        start_packing(wave_id=inside.wave_id, actor=actor)
    packing = Packing.objects.create(order=order, warehouse_id=place, wave_order=inside, packed_by=actor)
    return _Verdict(O.STARTED, order=order, packing=packing)


def _piece(code: str, packing: Packing, parcel: Parcel, *, wants_label: bool) -> _Verdict:
    """Say what a scanned piece is for this parcel; COMPLETE when it is the last one."""
    numbered = piece_of_number(code, needs=parcel.needs)
    if numbered is not None:
        if code in numbered.serials:
            return _Verdict(O.NUMBER_TWICE, variant_id=numbered.variant_id)
        return _right(numbered, parcel, code, wants_label=wants_label)
    variants = goods_of_code(code)
    if variants:
        return _article(variants, parcel, wants_label=wants_label)
    other = order_of_code(code)
    if other is not None and other.pk != packing.order_id:
        return _Verdict(O.OTHER_ORDER, other.number)
    if other is not None:
        return _Verdict(_again(parcel, wants_label=wants_label))
    return _Verdict(O.COMPLETE, LABEL) if parcel.is_complete and wants_label else _Verdict(O.UNKNOWN)


def _again(parcel: Parcel, *, wants_label: bool) -> ScanOutcome:
    """Say what the order's own number means once more: it ships a parcel that waited for a label nobody wants now."""
    if not parcel.is_complete:
        return O.STARTED
    return O.LABEL_WANTED if wants_label else O.COMPLETE


def _article(variants: list[int], parcel: Parcel, *, wants_label: bool) -> _Verdict:
    fitting = [need for need in parcel.needs if need.variant_id in variants]
    if not fitting:
        return _Verdict(O.WRONG, variant_id=variants[0])
    need = next((one for one in fitting if one.left > 0), None)
    if need is None:
        return _Verdict(O.TOO_MANY, variant_id=fitting[0].variant_id)
    if need.is_numbered:
        return _Verdict(O.NUMBER_WANTED, variant_id=need.variant_id)
    return _right(need, parcel, "", wants_label=wants_label)


def _right(need: Need, parcel: Parcel, serial: str, *, wants_label: bool) -> _Verdict:
    if need.left <= 0:
        return _Verdict(O.TOO_MANY, variant_id=need.variant_id)
    need.done += 1
    if serial:
        need.serials.append(serial)
    if not parcel.is_complete:
        return _Verdict(O.RIGHT, need=need, serial=serial)
    return _Verdict(O.RIGHT if wants_label else O.COMPLETE, need=need, serial=serial)


@transaction.atomic
def take_over(*, packing_id: int, actor: User | None = None) -> Packing:
    """Pack an order that a colleague began and left: it begins anew, and the colleague's next scan is told so.

    Returns the new packing. DomainError with the reason when the order cannot be packed; NotAllowed without the right.
    """
    check_right(can_pack, actor)
    before = Packing.objects.get(pk=packing_id)
    order = lock_order(before.order_id)
    if (news := news_of_order(order)) is not None:
        raise DomainError(news[1] or news[0].label)
    stop_packings(order_ids=[order.pk])
    begun = _begin(order, actor)
    if begun.packing is None:
        raise DomainError(begun.note)
    _keep(order.number, begun, actor)
    return begun.packing
