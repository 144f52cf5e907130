"""By when the demo answers: policies, what malls want, who hears before it is late."""

from collections.abc import Mapping

from service.models import EscalationStep, MallDeadline, SlaPolicy

# name, position, kinds, from priority, first, next, resolution (working minutes)
POLICIES: tuple[tuple[str, int, list[str], int, int, int, int], ...] = (
    ("긴급 · 至急 · Urgent", 10, [], 4, 30, 60, 480),
    ("전화 · 電話 · Phone", 20, ["phone"], 1, 60, 120, 960),
    ("기본 · 標準 · Standard", 90, [], 1, 240, 480, 1920),
)
# examples that the shop checks against its own contracts: nobody has entered a source
MALLS = (("naver", "mall", 24), ("coupang", "mall", 24), ("rakuten", "mall", 24))
STEPS = (("first_reply", 60, False, False), ("first_reply", 0, True, True), ("mall", 120, True, False))


def set_terms(*, channels: Mapping[str, int]) -> None:
    """Enter by when tickets are answered; before the first comes in."""
    for name, position, kinds, priority, first, following, resolve in POLICIES:
        SlaPolicy.objects.create(
            name=name, position=position, inlet_kinds=kinds, least_priority=priority, first_reply_minutes=first,
            next_reply_minutes=following, resolve_minutes=resolve,
        )  # fmt: skip
    for code, kind, hours in MALLS:
        if code in channels:
            MallDeadline.objects.create(sales_channel_id=channels[code], inlet_kind=kind, length=hours)
    for term, minutes, leads, raises in STEPS:
        EscalationStep.objects.create(term=term, minutes_before=minutes, tells_leads=leads, raises_priority=raises)
