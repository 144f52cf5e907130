"""Stock against a model of it in plain Python, through random sequences of everything that moves pieces."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from catalog.models import BundleComponent
from core.errors import DomainError
from core.models import EventRecord
from core.verify import invariants, verify
from inventory.models import EntryKind, HoldKind, Reservation, StockHold, StockItem, TransferLine
from inventory.selectors import sellable_of
from inventory.services import (
    EntryLine,
    HoldWish,
    LotGiven,
    Need,
    Portion,
    StockRequest,
    Take,
    dispose_held,
    hold_stock,
    post_entry,
    release_hold,
    release_stock,
    reserve_stock,
    ship_stock,
    take_back_stock,
)
from inventory.services.moving import (
    ArrivedPieces,
    TransferPieces,
    assemble_kits,
    close_transfer,
    create_transfer,
    receive_transfer,
    send_transfer,
    unpack_kits,
)
from tests.factories import make_channel, make_stock, make_variant, make_warehouse

EXAMPLES, STEPS = 40, 50
CUP, SPOON, BOX = "cup", "spoon", "box"
INSIDE = {BOX: {CUP: 1, SPOON: 2}}
PLACES = ("near", "far")
Spot = tuple[str, str]  # goods, place
goods = st.sampled_from([CUP, SPOON, BOX])
place = st.sampled_from(PLACES)
few = st.integers(1, 6)
which = st.integers(0, 20)


@dataclass
class Shelf:
    """The model of a stock item."""

    on_hand: int = 0
    reserved: int = 0
    held: int = 0

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved - self.held


@dataclass
class Claim:
    """The model of what one key has reserved: pieces by spot."""

    what: str
    count: int
    take: Take
    pieces: Counter[Spot] = field(default_factory=Counter)
    shipped: bool = False
    released: bool = False


@dataclass
class Kept:
    """The model of a hold."""

    pk: int
    spot: Spot
    held: int


@dataclass
class Ride:
    """The model of a transfer of one line."""

    pk: int
    line_id: int
    what: str
    to: str
    left: int


class Storehouse(RuleBasedStateMachine):
    """Each rule does the same to the model and through the services, refusals included."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.shelves = {(what, where): Shelf() for what in (CUP, SPOON, BOX) for where in PLACES}
        self.claims: list[Claim] = []
        self.kept: list[Kept] = []
        self.rides: list[Ride] = []

    def teardown(self) -> None:
        try:
            ours = [one.name for one in invariants() if one.name.startswith("inventory.")]
            assert [found.invariant.name for found in verify(names=ours) if not found.holds] == []
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @initialize(stock=st.lists(st.integers(0, 12), min_size=6, max_size=6))
    def open_house(self, stock: list[int]) -> None:
        self.variants = {what: make_variant() for what in (CUP, SPOON, BOX)}
        self.places = {"near": make_warehouse(rank=1), "far": make_warehouse(rank=2)}
        self.channel = make_channel()
        for part, count in INSIDE[BOX].items():
            BundleComponent.objects.create(bundle=self.variants[BOX], component=self.variants[part], quantity=count)
        self.items = {}
        for ((what, where), shelf), count in zip(self.shelves.items(), stock, strict=True):
            item = make_stock(self.variants[what], on_hand=count, warehouse=self.places[where])
            self.items[what, where] = item.pk
            shelf.on_hand = count

    # --- how a rule compares

    def attempt(self, expected: bool, call: Any) -> Any:
        """Call a service; it must be refused exactly when the model refuses, and then record nothing."""
        before = EventRecord.objects.count()
        try:
            with transaction.atomic():
                answer = call()
        except DomainError:
            assert not expected, "refused what the model allows"
            assert EventRecord.objects.count() == before
            return None
        assert expected, "did what the model refuses"
        return answer

    def line(self, what: str, where: str, quantity: int, **over: Any) -> EntryLine:
        return EntryLine(
            variant_id=self.variants[what].pk, warehouse_id=self.places[where].pk, quantity=quantity, **over
        )

    @invariant()
    def numbers_agree(self) -> None:
        if not hasattr(self, "items"):
            return
        rows = StockItem.objects.values_list("pk", "on_hand", "reserved", "held")
        said = {pk: numbers for pk, *numbers in rows}
        assert {spot: said[pk] for spot, pk in self.items.items()} == {
            spot: [shelf.on_hand, shelf.reserved, shelf.held] for spot, shelf in self.shelves.items()
        }
        assert all(shelf.available >= 0 for shelf in self.shelves.values())

    @invariant()
    def what_may_be_sold_agrees(self) -> None:
        if not hasattr(self, "items"):
            return
        ids = [variant.pk for variant in self.variants.values()]
        said = sellable_of(variant_ids=ids, channel_ids=[self.channel.pk])
        free = {spot: shelf.available for spot, shelf in self.shelves.items()}
        complete = {where: min(free[part, where] // count for part, count in INSIDE[BOX].items()) for where in PLACES}
        alone = {what: sum(free[what, where] for where in PLACES) for what in self.variants}
        apart = min(alone[part] // count for part, count in INSIDE[BOX].items())
        expected = {CUP: alone[CUP], SPOON: alone[SPOON], BOX: alone[BOX] + min(apart, sum(complete.values()))}
        assert {what: said[row.pk, self.channel.pk].count for what, row in self.variants.items()} == expected

    # --- pieces come and go

    @rule(what=goods, where=place, count=few, lot=st.sampled_from(["", "L-1", "L-2"]), is_held=st.booleans())
    def receive(self, what: str, where: str, count: int, lot: str, is_held: bool) -> None:
        over: dict[str, Any] = {"lot": LotGiven(number=lot)} if lot else {}
        if is_held:
            over["hold_kind"] = HoldKind.INSPECTION.value
        post_entry(kind=EntryKind.RECEIPT, lines=[self.line(what, where, count, **over)])
        self.shelves[what, where].on_hand += count
        if is_held:
            self.shelves[what, where].held += count
            hold = StockHold.objects.order_by("-pk")[0]
            self.kept.append(Kept(hold.pk, (what, where), count))

    @rule(what=goods, where=place, change=st.integers(-8, 8))
    def adjust(self, what: str, where: str, change: int) -> None:
        shelf = self.shelves[what, where]
        allowed = change != 0 and shelf.available + change >= 0
        lines = [self.line(what, where, change)]
        self.attempt(allowed, lambda: post_entry(kind=EntryKind.ADJUSTMENT, lines=lines, reason="test"))
        if allowed:
            shelf.on_hand += change

    @rule(what=goods, where=place, counted=st.integers(0, 20))
    def count(self, what: str, where: str, counted: int) -> None:
        shelf = self.shelves[what, where]
        allowed = counted >= shelf.reserved + shelf.held
        lines = [self.line(what, where, counted)]
        self.attempt(allowed, lambda: post_entry(kind=EntryKind.COUNT, lines=lines))
        if allowed:
            shelf.on_hand = counted

    @rule(what=goods, where=place, count=few)
    def take_back(self, what: str, where: str, count: int) -> None:
        take_back_stock(lines=[self.line(what, where, count)], reason="test", reference="R-1")
        self.shelves[what, where].on_hand += count

    # --- reservations

    def ways(self, what: str) -> list[dict[str, int]]:
        return [{what: 1}, *([INSIDE[what]] if what in INSIDE else [])]

    def grab(self, what: str, count: int, take: Take) -> Counter[Spot]:
        """Return what the model reserves: from one place, whole before apart; else by parts of it, if it may."""
        for where in PLACES:
            for way in self.ways(what):
                if all(self.shelves[part, where].available >= each * count for part, each in way.items()):
                    return Counter({(part, where): each * count for part, each in way.items()})
        taken: Counter[Spot] = Counter()
        if take == Take.ALL:
            return taken
        for where in PLACES:
            for way in self.ways(what):
                can = min(
                    (self.shelves[part, where].available - taken[part, where]) // each for part, each in way.items()
                )
                part_of = min(count, can)
                count -= part_of
                taken.update({(part, where): each * part_of for part, each in way.items() if part_of})
        return taken

    def ask(self, number: int) -> Any:
        claim = self.claims[number]
        need = Need(key=f"test:{number}", variant_id=self.variants[claim.what].pk, quantity=claim.count)
        [answer] = reserve_stock(requests=[StockRequest(reference=f"D-{number}", needs=[need], take=claim.take)])
        return answer

    @rule(what=goods, count=few, take=st.sampled_from(list(Take)))
    def reserve(self, what: str, count: int, take: Take) -> None:
        claim = Claim(what, count, take)
        claim.pieces = self.grab(what, count, take)
        self.claims.append(claim)
        answer = self.ask(len(self.claims) - 1)
        assert bool(answer.reservation_ids) == bool(claim.pieces)
        for spot, pieces in claim.pieces.items():
            self.shelves[spot].reserved += pieces

    def claim(self, n: int) -> tuple[int, Claim] | None:
        open_ = [(k, one) for k, one in enumerate(self.claims) if one.pieces and not (one.shipped or one.released)]
        return open_[n % len(open_)] if open_ else None

    @rule(n=which)
    def reserve_again(self, n: int) -> None:
        found = self.claim(n)
        if found is None or found[1].take == Take.AVAILABLE:
            return
        before = Reservation.objects.count()
        assert self.ask(found[0]).is_served
        assert Reservation.objects.count() == before

    @rule(n=which, is_shipped=st.booleans())
    def finish(self, n: int, is_shipped: bool) -> None:
        found = self.claim(n)
        if found is None:
            return
        number, claim = found
        ids = list(Reservation.objects.filter(key=f"test:{number}").values_list("pk", flat=True))
        portions = [Portion(pk) for pk in ids]
        moved = ship_stock(portions=portions) if is_shipped else release_stock(portions=portions)
        assert moved == claim.pieces.total()
        claim.shipped, claim.released = is_shipped, not is_shipped
        for spot, pieces in claim.pieces.items():
            self.shelves[spot].reserved -= pieces
            self.shelves[spot].on_hand -= pieces * is_shipped

    @rule(n=which)
    def ship_too_much(self, n: int) -> None:
        found = self.claim(n)
        if found is None:
            return
        row = Reservation.objects.filter(key=f"test:{found[0]}").first()
        assert row is not None
        self.attempt(False, lambda: ship_stock(portions=[Portion(row.pk, row.held + 1)]))

    # --- holds

    @rule(what=goods, where=place, count=few)
    def hold(self, what: str, where: str, count: int) -> None:
        shelf = self.shelves[what, where]
        wish = HoldWish(stock_item_id=self.items[what, where], kind=HoldKind.DISPLAY, quantity=count)
        allowed = count <= shelf.available
        made = self.attempt(allowed, lambda: hold_stock(wishes=[wish]))
        if allowed:
            shelf.held += count
            self.kept.append(Kept(made[0].pk, (what, where), count))

    @rule(n=which, count=few, is_disposed=st.booleans())
    def end_hold(self, n: int, count: int, is_disposed: bool) -> None:
        if not self.kept:
            return
        kept = self.kept[n % len(self.kept)]
        if not kept.held:
            return
        allowed = count <= kept.held
        if is_disposed:
            self.attempt(allowed, lambda: dispose_held(hold_id=kept.pk, quantity=count, note="test"))
        else:
            self.attempt(allowed, lambda: release_hold(hold_id=kept.pk, quantity=count))
        if allowed:
            kept.held -= count
            self.shelves[kept.spot].held -= count
            self.shelves[kept.spot].on_hand -= count * is_disposed

    # --- transfers and kits

    @rule(what=goods, where=place, count=few)
    def send(self, what: str, where: str, count: int) -> None:
        to = next(other for other in PLACES if other != where)
        transfer = create_transfer(
            source_id=self.places[where].pk,
            destination_id=self.places[to].pk,
            lines=[TransferPieces(variant_id=self.variants[what].pk, quantity=count)],
        )
        allowed = count <= self.shelves[what, where].available
        self.attempt(allowed, lambda: send_transfer(transfer_id=transfer.pk))
        if allowed:
            self.shelves[what, where].on_hand -= count
            # one line for each lot that left
            for line in TransferLine.objects.filter(transfer=transfer).order_by("pk"):
                self.rides.append(Ride(transfer.pk, line.pk, what, to, line.sent))
            assert sum(ride.left for ride in self.rides if ride.pk == transfer.pk) == count

    @rule(n=which, count=few, damaged=st.integers(0, 2))
    def arrive(self, n: int, count: int, damaged: int) -> None:
        if not self.rides:
            return
        ride = self.rides[n % len(self.rides)]
        allowed = damaged <= count <= ride.left
        pieces = [ArrivedPieces(line_id=ride.line_id, quantity=count, damaged=damaged)]
        self.attempt(allowed, lambda: receive_transfer(transfer_id=ride.pk, pieces=pieces))
        if allowed:
            ride.left -= count
            self.shelves[ride.what, ride.to].on_hand += count
            self.shelves[ride.what, ride.to].held += damaged
            if damaged:
                hold = StockHold.objects.order_by("-pk")[0]
                self.kept.append(Kept(hold.pk, (ride.what, ride.to), damaged))

    @rule(n=which)
    def lose(self, n: int) -> None:
        if not self.rides:
            return
        ride = self.rides[n % len(self.rides)]
        same = [other for other in self.rides if other.pk == ride.pk]
        allowed = any(other.left for other in same)
        self.attempt(allowed, lambda: close_transfer(transfer_id=ride.pk, reason="test"))
        for other in same:
            other.left = 0

    @rule(where=place, count=st.integers(1, 3), is_packed=st.booleans())
    def kits(self, where: str, count: int, is_packed: bool) -> None:
        sign = 1 if is_packed else -1
        changes = {BOX: sign * count, **{part: -sign * each * count for part, each in INSIDE[BOX].items()}}
        allowed = all(self.shelves[what, where].available + change >= 0 for what, change in changes.items())
        act = assemble_kits if is_packed else unpack_kits
        bundle, warehouse = self.variants[BOX].pk, self.places[where].pk
        self.attempt(allowed, lambda: act(bundle_id=bundle, warehouse_id=warehouse, quantity=count))
        if allowed:
            for what, change in changes.items():
                self.shelves[what, where].on_hand += change


@pytest.mark.django_db(transaction=False)
def test_stock_does_what_its_model_does() -> None:
    """At least 2,000 steps: ``EXAMPLES`` sequences of up to ``STEPS``."""
    run_state_machine_as_test(
        Storehouse,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
