"""What speaks against the address of an order, what would be right, and what it costs more to reach it."""

from dataclasses import dataclass

from addresses.selectors import (
    AddressProblem,
    RemotePlace,
    Suggestion,
    WrittenAddress,
    check_addresses,
    surcharge_zone,
)
from orders.models import Order


@dataclass(frozen=True, kw_only=True)
class OrderAddress:
    """The address of an order as the post would read it; ``surcharge``: minor units in the order's currency."""

    problems: tuple[AddressProblem, ...]
    remote: RemotePlace | None
    surcharge: int | None

    @property
    def suggestions(self) -> list[Suggestion]:
        """What would be right, each once."""
        return list(dict.fromkeys(one for problem in self.problems for one in problem.suggestions))


def written_address(order: Order) -> WrittenAddress:
    """Return what the order says."""
    return WrittenAddress(
        country=order.country,
        postcode=order.postcode,
        region=order.region,
        city=order.city,
        address=f"{order.address_1} {order.address_2}".strip(),
    )


def address_of_order(order: Order) -> OrderAddress:
    """Return what the lists of the post offices say of the order's address; nothing for countries without a list."""
    remote = surcharge_zone(order.country, order.postcode)
    return OrderAddress(
        problems=tuple(check_addresses(addresses=[written_address(order)])[0]),
        remote=remote,
        surcharge=remote.amounts.get(order.currency) if remote else None,
    )
