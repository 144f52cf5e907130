"""Proposals, anew: after the forecasts of a night, by the clock, or when somebody presses the button."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Conflict, NotAllowed
from core.jobs import JobRun, enqueue, job
from core.models import Job, JobState
from purchasing.models import ProposalState, ReorderProposal
from purchasing.policies import can_write_purchase_orders
from purchasing.services.replenishing.ageing import judge_stock
from purchasing.services.replenishing.automatic import order_automatically
from purchasing.services.replenishing.proposing import propose
from staff.models import Topic, User
from staff.selectors.roles import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many

KIND = "purchasing.replenish"
ONCE_IN = timedelta(hours=12)
RIGHT = "purchasing.add_purchaseorder"


@transaction.atomic
def start_replenishing(*, actor: User | None = None) -> Job:
    """Have proposals and the age of stock worked out in the background and return the job.

    NotAllowed without the right to order; Conflict while it runs already.
    """
    if actor is not None and not can_write_purchase_orders(actor):
        raise NotAllowed(_("You may not order from suppliers. Ask somebody of purchasing."))
    if Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).exists():
        raise Conflict(_("Proposals are being worked out already; they will be there in a minute."))
    return enqueue(kind=KIND, title=_("Proposals to reorder"), owner=actor)


def replenish_tonight() -> Job | None:
    """Start tonight's run unless one of the last twelve hours came through or is under way; return it."""
    recent = Job.objects.filter(kind=KIND, created_at__gt=timezone.now() - ONCE_IN)
    if recent.filter(state__in=[JobState.QUEUED, JobState.RUNNING, JobState.DONE]).exists():
        return None
    return start_replenishing()


@job(KIND, label=gettext_lazy("Proposals to reorder"))
def replenish(run: JobRun) -> Mapping[str, Any]:
    """Propose, order what may be ordered automatically, tell what is urgent, judge what lies too long.

    Started again it does the same again and nothing twice.
    """
    proposed = propose(progress=run.progress)
    run.alive()
    ordered = order_automatically()
    run.alive()
    tell_urgent()
    unhealthy = judge_stock()
    return {
        "opened": proposed.opened,
        "refreshed": proposed.refreshed,
        "gone": proposed.gone,
        "ordered": len(ordered.orders),
        "unhealthy": unhealthy,
    }


def tell_urgent(*, today: date | None = None) -> int:
    """Tell buyers once how much runs out before a new delivery could come, again when more does; return how many."""
    today = today or timezone.localdate()
    rows = ReorderProposal.objects.filter(state=ProposalState.OPEN, order_by__lte=today)
    newest = rows.aggregate(newest=Max("pk"))["newest"]
    if newest is None:
        return 0
    data = {"page": "purchasing_reorder", "reason": "reorder", "count": rows.count()}
    people = users_with_permission(RIGHT).order_by("pk").values_list("pk", flat=True)
    return notify_many(
        tellings=[Telling(user_id=pk, topic=Topic.STOCK, key=f"reorder-urgent:{newest}", data=data) for pk in people]
    )
