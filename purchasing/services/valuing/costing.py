"""What the pieces of one variant are worth, as they come and go: the moving average, and layers first in, first out.

Pure: it reads and writes no table. Amounts are minor units of the shop's currency with six decimals.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
_SIX = Decimal("0.000001")


def six(amount: Decimal) -> Decimal:
    """Round half up to six decimals."""
    return amount.quantize(_SIX, rounding=ROUND_HALF_UP)


@dataclass(slots=True)
class Layer:
    """Pieces that came by one movement at one cost; ``pk`` when it is stored already."""

    movement_id: int
    quantity: int
    remaining: int
    unit_cost: Decimal
    is_known: bool
    received_at: datetime
    pk: int | None = None
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Worth:
    """What a change was worth both ways (negative when pieces left), and whether that is known."""

    average: Decimal
    fifo: Decimal
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Revaluation:
    """What later knowledge adds to the pieces left, and what concerns pieces that had left already."""

    average: Decimal
    fifo: Decimal
    average_expensed: Decimal
    fifo_expensed: Decimal


@dataclass(slots=True)
class Book:
    """The pieces of one variant in all warehouses; ``layers`` in the order in which they leave."""

    quantity: int = 0
    average_cost: Decimal = ZERO
    average_value: Decimal = ZERO
    is_known: bool = True  # whether the average rests on known costs
    layers: list[Layer] = field(default_factory=list)

    @property
    def fifo_value(self) -> Decimal:
        """What the layers are worth."""
        return sum((layer.remaining * layer.unit_cost for layer in self.layers), ZERO)

    @property
    def is_complete(self) -> bool:
        """Tell whether the cost of every piece that is left is known."""
        return all(layer.is_known for layer in self.layers if layer.remaining)

    def take_in(self, *, movement_id: int, quantity: int, cost: Worth | None, received_at: datetime) -> Worth:
        """Add pieces that cost ``cost`` in all; without one they come at the running average."""
        if cost is None:
            known = self.is_known and self.average_cost > 0
            cost = Worth(self.average_cost * quantity, self.average_cost * quantity, known)
        unit = six(cost.fifo / quantity)
        layer = Layer(movement_id, quantity, quantity, unit, cost.is_known, received_at, is_changed=True)
        self.layers.append(layer)
        worth = Worth(six(cost.average), unit * quantity, cost.is_known)
        self.is_known = (self.is_known or not self.quantity) and cost.is_known
        self._move(quantity, worth.average)
        return worth

    def take_out(self, *, quantity: int, of: Collection[int] = ()) -> Worth:
        """Take pieces away, oldest layers first; those of the movements ``of`` leave before, at their own cost."""
        own = [layer for layer in self.layers if layer.movement_id in of]
        fifo, known, left = self._consume(own, quantity)
        average = fifo
        more, more_known, _left = self._consume(self.layers, left)
        average += self.average_cost * left
        if quantity == self.quantity or average > self.average_value:
            average = self.average_value
        worth = Worth(-six(average), -(fifo + more), known and more_known)
        self._move(-quantity, worth.average)
        return worth

    def revalue(self, *, pieces: Mapping[int, int], amount: Decimal, is_gone: bool = False) -> Revaluation:
        """Add ``amount`` to pieces that came by these movements (id: pieces); ``is_gone``: none of them is left.

        Of the average, as many pieces are taken for left as came, but no more than are there. A negative amount takes
        a cost off again, never below nothing.
        """
        came = sum(pieces.values())
        fifo = ZERO
        for layer in [layer for layer in self.layers if layer.movement_id in pieces and layer.remaining]:
            before = layer.unit_cost
            layer.unit_cost = max(ZERO, six(before + amount / came))
            layer.is_changed = True
            fifo += (layer.unit_cost - before) * layer.remaining
        return self._revalued(fifo, amount, came, is_gone=is_gone)

    def reprice(
        self, *, pieces: Mapping[int, int], unit_cost: Decimal, before: Decimal, is_gone: bool = False
    ) -> Revaluation:
        """Give pieces that came by these movements (id: pieces) at ``before`` another cost, which is known."""
        came = sum(pieces.values())
        fifo, left = ZERO, 0
        for layer in [layer for layer in self.layers if layer.movement_id in pieces and layer.remaining]:
            fifo += (unit_cost - layer.unit_cost) * layer.remaining
            left += layer.remaining
            layer.unit_cost, layer.is_known, layer.is_changed = unit_cost, True, True
        self.is_known = self.is_complete
        return self._revalued(fifo, fifo + (unit_cost - before) * (came - left), came, is_gone=is_gone)

    def price_unknown(self, *, unit_cost: Decimal) -> Revaluation:
        """Give the pieces left whose cost is not known this one."""
        fifo = ZERO
        for layer in [layer for layer in self.layers if layer.remaining and not layer.is_known]:
            fifo += (unit_cost - layer.unit_cost) * layer.remaining
            layer.unit_cost, layer.is_known, layer.is_changed = unit_cost, True, True
        average = max(fifo, -self.average_value)
        self._move(0, average)
        self.is_known = True
        return Revaluation(average, fifo, ZERO, ZERO)

    def _revalued(self, fifo: Decimal, amount: Decimal, came: int, *, is_gone: bool) -> Revaluation:
        """Put into the average what concerns pieces that are there; the rest is cost of what was sold."""
        average = six(amount * (0 if is_gone else min(self.quantity, came)) / came)
        average = max(average, -self.average_value)
        self._move(0, average)
        return Revaluation(average, fifo, amount - average, amount - fifo)

    def _consume(self, layers: Collection[Layer], quantity: int) -> tuple[Decimal, bool, int]:
        """Take pieces off these layers; return what they cost, whether that is known, and how many are still owed."""
        fifo, known = ZERO, True
        for layer in layers:
            taken = min(layer.remaining, quantity)
            if not taken:
                continue
            layer.remaining -= taken
            layer.is_changed = True
            quantity -= taken
            fifo += taken * layer.unit_cost
            known = known and layer.is_known
        return fifo, known, quantity

    def _move(self, quantity: int, average: Decimal) -> None:
        self.quantity += quantity
        self.average_value += average
        if self.quantity:  # an empty shelf keeps its last average: what is found again is worth it
            self.average_cost = six(self.average_value / self.quantity)
