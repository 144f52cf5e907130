"""How an order's address falls into the lines of carriers' labels, before any file is made."""

from dataclasses import dataclass

from addresses.fitting import AddressBudget, AddressParts, BudgetLine, Fitted, Measure, fit
from orders.models import Order
from shipping.models import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedAddress:
    """One carrier with the address as its label would show it."""

    carrier: Carrier
    fitted: Fitted


def fitted_addresses(*, order: Order) -> list[FittedAddress]:
    """Return the address in the lines of each active carrier of its country whose label we know; one statement.

    Formats of a carrier's file may know more exact lines: these are asked when the file is made.
    """
    parts = AddressParts(
        country=order.country, region=order.region, city=order.city, street=order.address_1, building=order.address_2
    )
    carriers = Carrier.objects.filter(is_active=True, country=order.country).exclude(address_widths=[])
    return [FittedAddress(carrier=one, fitted=fit(parts, _budget(one))) for one in carriers.order_by("code")]


def _budget(carrier: Carrier) -> AddressBudget:
    lines = tuple(BudgetLine(column=str(at), width=width) for at, width in enumerate(carrier.address_widths, 1))
    return AddressBudget(lines=lines, measure=Measure.COLUMNS, encoding=carrier.encoding)
