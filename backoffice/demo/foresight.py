"""What will sell: demand of the filled orders, two promotions, forecasts."""

from datetime import datetime, timedelta

from django.utils import timezone

from catalog.models import SalesChannel
from purchasing.models import DemandEvent
from purchasing.services.demand import rebuild_all_stockouts, refresh_demand
from purchasing.services.demand.running import forecast_all


def foresee(*, now: datetime) -> int:
    """Enter a sale that comes and one that is over, make all forecasts and return how many there are."""
    today = timezone.localdate(now, timezone.get_default_timezone())
    own = SalesChannel.objects.filter(code="seoul-shop").first()
    plans = (("Season sale", 12, 18, 180), ("Members' week", -75, -69, 140))
    for name, first, last, percent in plans:
        days = {"starts_on": today + timedelta(days=first), "ends_on": today + timedelta(days=last)}
        DemandEvent.objects.get_or_create(name=name, sales_channel=own, defaults={**days, "percent": percent})
    refresh_demand()
    rebuild_all_stockouts(now=now)
    return int(forecast_all(today=today)["forecasts"])
