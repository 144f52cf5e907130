"""What follows for a customer's requests when something happened below."""

from compliance.events import ClockMoved
from core.events import handles
from customers.services import follow_request_clock, start_request_clock, stop_request_clock
from privacy.events import DataRequestAnswered, DataRequestOpened


@handles(DataRequestOpened)
def start_data_clock(event: DataRequestOpened) -> None:
    """Start the clock of the law."""
    start_request_clock(request_id=event.request_id)


@handles(DataRequestAnswered)
def stop_data_clock(event: DataRequestAnswered) -> None:
    """End the clock of the law."""
    stop_request_clock(request_id=event.request_id)


@handles(ClockMoved)
def follow_data_clock(event: ClockMoved) -> None:
    """Show the later end where the request is listed."""
    follow_request_clock(clock_id=event.clock_id)
