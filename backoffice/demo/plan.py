"""The whole shop on paper: a function of seed, size and moment; the same three give the same shop."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backoffice.demo.catalogue import PlannedProduct, plan_catalogue
from backoffice.demo.demand import plan_visits
from backoffice.demo.fates import OFFICE, plan_fates
from backoffice.demo.shopping import PlannedOrder, plan_orders
from backoffice.demo.stocking import StockPlan, plan_stock

DAYS = 548  # eighteen months
ORDERS = 20_000


@dataclass(frozen=True, slots=True)
class Begin:
    """What everything else follows from."""

    seed: int
    orders: int
    now: datetime

    @property
    def start(self) -> datetime:
        """When the shop opened: eighteen months ago; a small shop is younger, so that its days are not empty."""
        days = min(DAYS, max(45, self.orders // 4))
        return (self.now - timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)

    @property
    def products(self) -> int:
        """How many products the shop has."""
        return min(800, max(60, self.orders // 25))

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept in the database."""
        return {"seed": self.seed, "orders": self.orders, "now": self.now.isoformat()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Begin":
        """Return what ``as_json`` gave."""
        now = datetime.fromisoformat(kept["now"]).astimezone(OFFICE)
        return cls(int(kept["seed"]), int(kept["orders"]), now)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that will be filled in."""

    begin: Begin
    products: list[PlannedProduct]
    orders: list[PlannedOrder]
    stock: StockPlan


def make_plan(begin: Begin) -> Plan:
    """Return the shop that follows from ``begin``."""
    rng = random.Random(begin.seed)  # noqa: S311 an invented shop is no secret
    products = plan_catalogue(rng=rng, count=begin.products, start=begin.start, now=begin.now)
    visits = plan_visits(rng=rng, count=begin.orders, start=begin.start, now=begin.now)
    orders = plan_orders(rng=rng, visits=visits, products=products, now=begin.now)
    plan_fates(rng=rng, orders=orders, now=begin.now)
    stock = plan_stock(rng=rng, products=products, orders=orders, start=begin.start, now=begin.now)
    return Plan(begin, products, orders, stock)
