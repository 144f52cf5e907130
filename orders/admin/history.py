"""What an order was before and after a change, in its timeline: masked by what the reader may see."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.masking import hide, mask_email, mask_name, mask_phone
from core.models import EventRecord
from core.money import format_money
from core.ui.timeline import Detail, timeline_details, timeline_icon
from orders.events.ordering import field_names
from orders.models import ADDRESS_FIELDS, BUYER_FIELDS, OrderChange

_PERSONAL = {*ADDRESS_FIELDS, *BUYER_FIELDS, "customer_note", "noshi_name", "message"}
_MASKS = {
    "buyer_name": mask_name,
    "recipient_name": mask_name,
    "recipient_kana": mask_name,
    "noshi_name": mask_name,
    "buyer_phone": mask_phone,
    "recipient_phone": mask_phone,
    "buyer_email": mask_email,
}


def change_details(records: Sequence[EventRecord], user: Any) -> Mapping[int, Sequence[Detail]]:
    """Return (what, before, after) of each change: people for who sees contact data, sums for who sees money."""
    wanted = {record.pk: record.data.get("change_id") for record in records}
    changes = OrderChange.objects.in_bulk([pk for pk in wanted.values() if pk])
    sees_people, sees_money = user.has_perm("customers.see_contact_data"), user.has_perm("orders.view_payment")
    return {
        pk: [*_texts(changes[change], sees_people=sees_people), *_lines(changes[change], sees_money=sees_money)]
        for pk, change in wanted.items()
        if change in changes
    }


def _texts(change: OrderChange, *, sees_people: bool) -> list[Detail]:
    rows = change.contents.get("fields", [])
    labels = field_names([row[0] for row in rows])
    return [
        (label, _word(name, before, sees_people), _word(name, after, sees_people))
        for label, (name, before, after) in zip(labels, rows, strict=True)
    ]


def _word(name: str, text: Any, sees_people: bool) -> str:  # noqa: FBT001 one question of a comprehension
    said = {True: _("yes"), False: _("no")}.get(text, str(text)) if isinstance(text, bool) else str(text)
    if sees_people or name not in _PERSONAL:
        return said or "–"
    return _MASKS.get(name, hide)(said) or "–"


def _lines(change: OrderChange, *, sees_money: bool) -> list[Detail]:
    found = [
        (str(name), _sum(before, change.currency, sees_money), _sum(after, change.currency, sees_money))
        for _pk, name, before, after in change.contents.get("lines", [])
    ]
    if sees_money and change.difference:
        totals = (change.total_before, change.total_after)
        before, after = (format_money(total, change.currency) for total in totals)
        found.append((_("Total"), before, after))
    return found


def _sum(line: Sequence[int] | None, currency: str, sees_money: bool) -> str:  # noqa: FBT001 as above
    if line is None:
        return "–"
    return f"{line[0]} × {format_money(line[1], currency)}" if sees_money else str(line[0])


for _name in ("order_edited", "order_changed"):
    timeline_details(f"orders.{_name}", change_details)
timeline_icon("orders.order_changed", "edit_note")
