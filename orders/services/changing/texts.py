"""Address, contact, wishes and notes of a locked order take new words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition
from orders.models import ADDRESS_FIELDS, BUYER_FIELDS, OPEN_STATUSES, Order
from orders.services.intake.spelling import as_kept
from orders.services.parcels.leaving import leave_parcels
from orders.services.searching import order_search_text

NOTES = ("customer_note", "staff_note")
WISHES = ("delivery_on", "delivery_slot")


def take_over_texts(order: Order, changes: Mapping[str, str | date | None]) -> list[list[Any]]:
    """Write the new words and return [name, before, after] of what changed; combined parcels lose a moved order.

    InvalidTransition for the address of a closed order; InvalidInput for a text that is too long; ValueError for a
    field that is not edited this way.
    """
    if strange := set(changes) - {*BUYER_FIELDS, *ADDRESS_FIELDS, *WISHES, *NOTES}:
        raise ValueError(f"not edited by hand: {sorted(strange)}")
    changes = _kept(order, changes)
    changed = [name for name, text in changes.items() if getattr(order, name) != text]
    moved = set(changed) & {*ADDRESS_FIELDS, *WISHES}
    if moved and order.status not in OPEN_STATUSES:
        raise InvalidTransition(_("The order is closed; its address can no longer change."))
    told = [[name, _plain(getattr(order, name)), _plain(changes[name])] for name in changed]
    for name in changed:
        _check_length(name, changes[name])
        setattr(order, name, changes[name])
    if changed:
        order.search_text = order_search_text(order.number, order)
        order.save(update_fields=[*changed, "search_text", "updated_at"])
    if moved:
        leave_parcels(order_ids=[order.pk], why="address", only_combined=True)
    return told


def _kept(order: Order, changes: Mapping[str, str | date | None]) -> dict[str, str | date | None]:
    """Return the changes as the order keeps them: phones, readings and postcodes as the country writes them."""
    country = str(changes.get("country") or order.country)
    return {
        name: as_kept(name, value, country) if isinstance(value, str) and value != getattr(order, name) else value
        for name, value in changes.items()
    }


def _plain(text: str | date | None) -> str:
    return text.isoformat() if isinstance(text, date) else text or ""


def _check_length(name: str, text: str | date | None) -> None:
    field = Order._meta.get_field(name)
    longest = getattr(field, "max_length", None)
    if longest is not None and len(str(text)) > longest:
        label = getattr(field, "verbose_name", name)
        raise InvalidInput(
            _("“%(field)s” is too long: at most %(count)d characters.") % {"field": label, "count": longest}
        )
