"""All forecasts, anew: every night, or when somebody presses the button; chunk by chunk."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from catalog.models import SalesChannel
from core.errors import Conflict, NotAllowed
from core.jobs import JobRun, enqueue, job
from core.models import Job, JobState
from inventory.models import StockPolicy
from purchasing.models import DemandDay, Forecast, ServiceLevel, SupplierItem
from purchasing.policies import can_make_forecasts
from purchasing.services.demand.calendar import DemandCalendar, demand_calendar
from purchasing.services.demand.classing import class_variants
from purchasing.services.demand.ordered import refresh_demand
from purchasing.services.demand.predicting import WEEKS_AHEAD, WEEKS_BACK, predict
from purchasing.services.demand.reading import read_demand
from purchasing.services.demand.stockouts import refresh_stockouts
from purchasing.services.demand.writing import write_forecasts
from purchasing.services.replenishing.running import start_replenishing
from staff.models import User

KIND = "purchasing.forecast"
VARIANTS_AT_ONCE = 500
COVER_DAYS = 28


@transaction.atomic
def start_forecasts(*, actor: User | None = None) -> Job:
    """Have all forecasts made in the background and return the job.

    NotAllowed without the right; Conflict while they are being made already.
    """
    if actor is not None and not can_make_forecasts(actor):
        raise NotAllowed(_("You may not have forecasts made."))
    if Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).exists():
        raise Conflict(_("Forecasts are being made already; they will be there in some minutes."))
    return enqueue(kind=KIND, title=_("Forecasts"), owner=actor)


@job(KIND, label=gettext_lazy("Forecasts"))
def make_forecasts(run: JobRun) -> dict[str, Any]:
    """Bring demand up to date, forecast every variant, give classes; started again it goes on with what is left.

    Each chunk is one transaction; a chunk made since the job was asked for is read again but not written again.
    """
    refresh_demand()
    run.alive()
    refresh_stockouts()
    since = Job.objects.values_list("created_at", flat=True).get(pk=run.job_id)
    made = forecast_all(progress=run.progress, done_since=since)
    with suppress(Conflict):  # proposals follow from forecasts; a run under way is as good
        start_replenishing()
    return made


def forecast_all(*, progress: Any = None, done_since: Any = None, today: date | None = None) -> dict[str, Any]:
    """Make the forecasts of all variants that sold in the last three years and return how many there are."""
    today = today or timezone.localdate(timezone=timezone.get_default_timezone())
    start = today - timedelta(days=7 * WEEKS_BACK)
    sold = DemandDay.objects.filter(day__gte=start, day__lt=today)
    variants = sorted(sold.order_by().values_list("variant_id", flat=True).distinct())
    channels = list(SalesChannel.objects.order_by("pk").values_list("pk", flat=True))
    calendar = demand_calendar(start=start, today=today, until=today + timedelta(days=7 * WEEKS_AHEAD))
    done = set(
        Forecast.objects.filter(made_at__gte=done_since, starts_on=today).values_list("variant_id", flat=True)
        if done_since
        else ()
    )
    Forecast.objects.exclude(variant_id__in=variants).delete()
    weeks: dict[int, NDArray[np.float64]] = {}
    for first in range(0, len(variants), VARIANTS_AT_ONCE):
        part = variants[first : first + VARIANTS_AT_ONCE]
        weeks |= _forecast(part, channels, start, today, calendar, is_written=done.issuperset(part))
        if progress:
            progress(min(first + VARIANTS_AT_ONCE, len(variants)), len(variants))
    classed = class_variants(today=today, weeks=weeks)
    return {"variants": len(variants), "forecasts": Forecast.objects.exclude(method="none").count(), "classes": classed}


def _forecast(
    variant_ids: Sequence[int],
    channel_ids: Sequence[int],
    start: date,
    today: date,
    calendar: DemandCalendar,
    *,
    is_written: bool,
) -> Mapping[int, NDArray[np.float64]]:
    demand = read_demand(variant_ids=variant_ids, channel_ids=channel_ids, start=start, until=today)
    prediction = predict(demand=demand, calendar=calendar, today=today, cover=_cover(variant_ids))
    if not is_written:
        write_forecasts(variant_ids=variant_ids, rows=prediction.rows, starts_on=today)
    return prediction.weeks


def _cover(variant_ids: Sequence[int]) -> dict[int, int]:
    """Return how many days one purchase of each variant has to last: the lead time and what the class covers."""
    levels = {(row.abc, row.xyz): row.cover_days for row in ServiceLevel.objects.all()}
    classes = StockPolicy.objects.filter(variant_id__in=variant_ids).values_list("variant_id", "abc", "xyz")
    cover = dict.fromkeys(variant_ids, COVER_DAYS)
    cover |= {variant: levels.get((abc, xyz), COVER_DAYS) for variant, abc, xyz in classes}
    items = SupplierItem.objects.filter(Q(is_preferred=True), is_active=True, variant_id__in=variant_ids)
    for item in items.select_related("supplier"):
        cover[item.variant_id] += item.lead_days if item.lead_days is not None else item.supplier.lead_days or 0
    return cover
