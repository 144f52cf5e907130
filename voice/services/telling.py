"""Who hears of alerts and of wishes to hide; each once, and no longer when it is settled."""

from staff.models import Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key
from voice.models import Alert, Hiding

ACT, DECIDE = "voice.act_on_voice", "voice.decide_hiding"


def tell_alert(alert: Alert) -> int:
    """Ring the bell of everybody who may act on alerts and return how many were told now."""
    data = {"about": f"voice.alert:{alert.pk}", "number": str(alert), "title": alert.rule.name, "reason": "voice_rang"}
    people = users_with_permission(ACT).order_by("pk").values_list("pk", flat=True)
    return notify_many(
        tellings=[Telling(user_id=pk, topic=Topic.STUCK, key=f"voice-alert:{alert.pk}", data=data) for pk in people]
    )


def settle_alert_bell(alert: Alert) -> None:
    """Nobody is asked to look at this alert any more."""
    _settle(f"voice-alert:{alert.pk}", ACT)


def ask_deciders(hiding: Hiding, *, actor: User) -> int:
    """Tell everybody who may decide, but not who asked, that a review shall be hidden; return how many."""
    data = {"about": f"voice.hiding:{hiding.pk}", "number": hiding.review.external_id, "title": "", "by": actor.pk}
    people = users_with_permission(DECIDE).exclude(pk=actor.pk).order_by("pk").values_list("pk", flat=True)
    return notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.REVIEW_ASKED, key=f"voice-hiding:{hiding.pk}", data=data) for pk in people
        ]
    )


def settle_hiding_bell(hiding: Hiding) -> None:
    """Nobody is asked to decide any more."""
    _settle(f"voice-hiding:{hiding.pk}", DECIDE)


def _settle(key: str, right: str) -> None:
    settle_key(key=key, user_ids=list(users_with_permission(right).values_list("pk", flat=True)))
