"""Kits: packed from the components of a bundle, and taken apart again, in one warehouse by one entry."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.selectors.bundling import bundle_contents
from core.commands import once
from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.events import KitsAssembled
from inventory.models import Assembly, AssemblyKind, EntryKind
from inventory.policies import can_assemble_kits
from inventory.services.entries import post_document
from inventory.services.entry_lines import EntryCause, EntryLine, locked_items
from staff.models import User

SERIES = "inventory.assembly"
MOST_KITS = 1_000_000


def assemble_kits(
    *, bundle_id: int, warehouse_id: int, quantity: int, key: str = "", actor: User | None = None
) -> Assembly:
    """Pack kits: the components (down to what is no bundle itself) leave, the kits come, in one statement.

    The same ``key`` packs once. InvalidInput for what is no bundle, for less than one kit, and when too few components
    are available: reserved and held ones stay. NotAllowed without the right to pack kits.
    """
    return _once(AssemblyKind.KIT, bundle_id, warehouse_id, quantity, key, actor)


def unpack_kits(
    *, bundle_id: int, warehouse_id: int, quantity: int, key: str = "", actor: User | None = None
) -> Assembly:
    """Take kits apart: they leave, and what a bundle contains today comes; refuses what ``assemble_kits`` refuses."""
    return _once(AssemblyKind.UNKIT, bundle_id, warehouse_id, quantity, key, actor)


def _once(
    kind: AssemblyKind, bundle_id: int, warehouse_id: int, quantity: int, key: str, actor: User | None
) -> Assembly:
    if actor is not None and not can_assemble_kits(actor):
        raise NotAllowed(_("You may not pack kits. Ask somebody of the warehouse."))

    def run() -> int:
        return _assemble(kind, bundle_id, warehouse_id, quantity, actor).pk

    if not key:
        return Assembly.objects.get(pk=run())
    parameters: dict[str, Any] = {
        "kind": kind.value, "bundle": bundle_id, "warehouse": warehouse_id, "quantity": quantity,
    }  # fmt: skip
    return Assembly.objects.get(pk=once(key=f"inventory.assembly:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _assemble(kind: AssemblyKind, bundle_id: int, warehouse_id: int, quantity: int, actor: User | None) -> Assembly:
    if not 0 < quantity <= MOST_KITS:
        raise InvalidInput(_("A quantity cannot be used. Write how many kits, as a whole number."))
    needs = _needs(bundle_id)
    sign = 1 if kind == AssemblyKind.KIT else -1
    pieces = {bundle_id: sign * quantity, **{variant: -sign * quantity * count for variant, count in needs.items()}}
    lines = [
        EntryLine(variant_id=variant, warehouse_id=warehouse_id, quantity=count)
        # what leaves first: the kits' cost is what their components cost
        for variant, count in sorted(pieces.items(), key=lambda part: (part[1] > 0, part[0]))
    ]
    _check_free(lines)
    [value] = next_numbers(series=SERIES)
    assembly = Assembly.objects.create(
        number=document_number("K", value),
        kind=kind,
        bundle_id=bundle_id,
        warehouse_id=warehouse_id,
        quantity=quantity,
        created_by=actor,
    )
    post_document(
        kind=EntryKind.ASSEMBLY,
        lines=lines,
        reference=assembly.number,
        cause=EntryCause(assembly_id=assembly.pk),
        actor=actor,
    )
    record(
        KitsAssembled(
            assembly_id=assembly.pk, bundle_id=bundle_id, warehouse_id=warehouse_id, kind=kind, quantity=quantity
        ),
        subject=assembly,
        actor=actor,
    )
    return assembly


def _needs(bundle_id: int) -> dict[int, int]:
    """Return what one kit contains, its variant locked: nobody changes the bundle meanwhile."""
    bundle = Variant.objects.select_for_update(no_key=True).get(pk=bundle_id)
    needs = bundle_contents(variant_ids=[bundle_id]).get(bundle_id)
    if not needs:
        raise InvalidInput(_("%(sku)s is no bundle: it has no components to pack.") % {"sku": bundle.sku})
    return needs


def _check_free(lines: list[EntryLine]) -> None:
    """Lock the stock items, and refuse by name and number what is not available."""
    items = locked_items(lines)
    short = [
        (line.variant_id, -line.quantity, max(0, item.available))
        for line in lines
        if -line.quantity > (item := items[line.variant_id, line.warehouse_id]).available
    ]
    if short:
        skus = dict(Variant.objects.filter(pk__in=[variant for variant, *_ in short]).values_list("pk", "sku"))
        named = ", ".join(f"{skus[variant]} {free}/{needed}" for variant, needed, free in short)
        raise InvalidInput(_("Too few pieces are free (free/needed): %(pieces)s") % {"pieces": named})
