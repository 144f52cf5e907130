"""Whether somebody is there, and when somebody comes."""

from datetime import datetime, timedelta

from chat.models import Widget
from staff.selectors.working_time import WorkingTime, working_time


def hours_of(widget: Widget) -> WorkingTime:
    """Return the hours of a chat, in the time zone of its sales channel."""
    channel = widget.inlet.sales_channel
    return working_time(widget.calendar, zone=channel.time_zone if channel else "")


def opens_at(widget: Widget, *, now: datetime) -> datetime | None:
    """Return None while somebody is there, else the moment at which somebody comes."""
    hours = hours_of(widget)
    # a minute of work within the next one: the hours are open now
    if hours.minutes_between(now, now + timedelta(minutes=1)):
        return None
    return hours.after(now, 1) - timedelta(minutes=1)
