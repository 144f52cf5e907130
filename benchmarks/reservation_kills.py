"""Many processes reserve and ship few SKUs while database and buyers are killed: nothing negative, lost or twice.

    python -m benchmarks reservation_kills [--processes 32] [--wishes 500] [--kills 6]

Each buyer goes through its wishes one by one, notes what was answered in a file, and asks again under the same key when
the answer never came. Meanwhile the postmaster gets SIGKILL and is started anew, and a buyer gets SIGKILL and begins
its list again from the first wish. At the end books, files and reservations must tell the same.
"""

import argparse
import multiprocessing
import os
import random
import signal
import time
import uuid
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, F, Sum

from backoffice.postgres import Cluster
from backoffice.runner.preparation import disconnect
from benchmarks.goods import stocked_variants
from benchmarks.report import Figure, publish
from core.errors import Conflict
from core.verify import invariants, verify
from inventory.models import Reservation, StockItem
from inventory.services import Need, Portion, StockRequest, reserve_stock, ship_stock

SKUS = 4
MARGIN = 0.95  # so much of what is wished is there
SHIPPED = 3  # every third wish is shipped at once
PATIENCE = 600


def buy(run: str, buyer: int, wishes: int, variants: list[int], notes: Path) -> None:
    """Reserve every wish, ship each third one, and write down what was answered."""
    disconnect()
    rng = random.Random(f"{run}:{buyer}")
    with notes.open("a", encoding="ascii") as book:
        for number in range(wishes):
            key, variant = f"{run}:{buyer}:{number}", rng.choice(variants)
            ids = _until_answered(key, variant)
            if ids and number % SHIPPED == 0:
                _until_shipped(ids)
            book.write(f"{key} {len(ids)}\n")
            book.flush()
    os._exit(0)


def _until_answered(key: str, variant: int) -> list[int]:
    while True:
        try:
            need = Need(key=key, variant_id=variant, quantity=1)
            [answer] = reserve_stock(requests=[StockRequest(reference=key, needs=[need])])
        except (DatabaseError, InterfaceError, OSError):
            _breathe()
        else:
            return answer.reservation_ids.get(key, [])


def _until_shipped(ids: list[int]) -> None:
    while True:
        try:
            ship_stock(portions=[Portion(pk) for pk in ids])  # all that is left: a second time nothing
        except Conflict:
            return
        except (DatabaseError, InterfaceError, OSError):
            _breathe()
        else:
            return


def _breathe() -> None:
    """The database is gone: drop the dead connection, and let the next try make a new one."""
    with suppress(DatabaseError, InterfaceError, OSError):
        disconnect()
    time.sleep(0.2)


class Crowd:
    """The buyers, and what befalls them and their database."""

    def __init__(self, processes: int, wishes: int, folder: Path) -> None:
        self.run = uuid.uuid4().hex[:8]
        self.wishes = wishes
        pieces = int(processes * wishes * MARGIN / SKUS)
        self.variants = [variant.pk for variant in stocked_variants(SKUS, on_hand=pieces)]
        self.pieces = pieces * SKUS
        self.folder = folder
        self.context = multiprocessing.get_context("fork")
        disconnect()  # a forked process must not share a socket with its parent
        self.buyers = [self._start(buyer) for buyer in range(processes)]
        self.cluster = Cluster(settings.DATA_DIR / "postgres")

    def notes(self, buyer: int) -> Path:
        """Return the file in which a buyer notes what was answered."""
        return self.folder / f"{self.run}-{buyer}.txt"

    def _start(self, buyer: int) -> BaseProcess:
        given = (self.run, buyer, self.wishes, self.variants, self.notes(buyer))
        process = self.context.Process(target=buy, args=given, daemon=True)
        process.start()
        return process

    def answered(self) -> int:
        """Return how many answers are noted."""
        return sum(
            len(self.notes(b).read_bytes().splitlines()) for b in range(len(self.buyers)) if self.notes(b).exists()
        )

    def wait_for(self, count: int) -> None:
        """Wait until so many answers are noted, or nobody buys any more."""
        end = time.monotonic() + PATIENCE
        while self.answered() < count and any(one.is_alive() for one in self.buyers) and time.monotonic() < end:
            time.sleep(0.05)

    def kill_database(self) -> None:
        """Kill the postmaster the hard way and start it again."""
        pid = int((self.cluster.data_dir / "postmaster.pid").read_text(encoding="ascii").split()[0])
        os.kill(pid, signal.SIGKILL)
        self.cluster.ensure_running()

    def kill_buyer(self, buyer: int) -> None:
        """Kill a buyer the hard way; another one takes the list from its beginning."""
        process = self.buyers[buyer]
        if process.is_alive() and process.pid:
            os.kill(process.pid, signal.SIGKILL)
            process.join(PATIENCE)
            self.buyers[buyer] = self._start(buyer)

    def finish(self) -> int:
        """Wait for all and return how many did not come to the end of their list."""
        for process in self.buyers:
            process.join(PATIENCE)
        return sum(process.exitcode != 0 for process in self.buyers)


def books(crowd: Crowd) -> list[Figure]:
    """Return what is wrong in books, files and reservations, each to be 0."""
    mine = Reservation.objects.filter(key__startswith=f"{crowd.run}:")
    items = StockItem.objects.filter(variant__in=crowd.variants)
    lines = [
        line.split()
        for buyer in range(len(crowd.buyers))
        for line in crowd.notes(buyer).read_text(encoding="ascii").splitlines()
    ]
    told = {key for key, count, *_rest in lines if count != "0"}
    kept = set(mine.values_list("key", flat=True))
    sums = mine.aggregate(taken=Sum(F("quantity") - F("released"), default=0), shipped=Sum("shipped", default=0))
    counters = items.aggregate(on_hand=Sum("on_hand"), reserved=Sum("reserved"))
    wrong = abs(counters["on_hand"] + sums["shipped"] - crowd.pieces)
    wrong += abs(counters["reserved"] + sums["shipped"] - sums["taken"])
    twice = mine.values("key").annotate(count=Count("pk")).filter(count__gt=1).count()
    twice += mine.exclude(quantity=1).count()
    ours = [one.name for one in invariants() if one.name.startswith("inventory.")]
    broken = [found.invariant.name for found in verify(names=ours) if not found.holds]
    return [
        Figure("answered with a reservation that is lost", len(told - kept), "", 0, f"{len(told):,} answered"),
        Figure("keys reserved twice", twice, "", 0, f"{len(kept):,} reserved"),
        Figure("counters below nothing", items.filter(on_hand__lt=F("reserved") + F("held")).count(), "", 0),
        Figure("pieces oversold", max(0, len(kept) - crowd.pieces), "", 0, f"{crowd.pieces:,} were there"),
        Figure("pieces by which counters and reservations differ", wrong, "", 0),
        Figure("invariants of stock broken", len(broken), "", 0, ", ".join(broken)),
    ]


def main() -> int:
    """Kill, count and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reservation_kills")
    parser.add_argument("--processes", type=int, default=32)
    parser.add_argument("--wishes", type=int, default=500)
    parser.add_argument("--kills", type=int, default=6)
    given = parser.parse_args()
    folder = settings.DATA_DIR / "answers"
    folder.mkdir(exist_ok=True)
    began = time.perf_counter()
    crowd = Crowd(given.processes, given.wishes, folder)
    step = given.processes * given.wishes // (given.kills + 1)
    for kill in range(1, given.kills + 1):
        crowd.wait_for(kill * step)
        crowd.kill_buyer(kill % given.processes)
        crowd.kill_database()
    unfinished = crowd.finish()
    seconds = time.perf_counter() - began
    connection.close()
    figures = [
        Figure("buyers that did not finish", unfinished, "", 0, f"{given.processes} of {given.wishes} wishes"),
        *books(crowd),
        Figure("seconds in all", seconds, "s", note=f"database and a buyer killed {given.kills} times"),
    ]
    for buyer in range(given.processes):
        crowd.notes(buyer).unlink(missing_ok=True)
    about = f"{given.processes} processes x {given.wishes} reservations on {SKUS} SKUs, SIGKILL {given.kills} times"
    return publish("reservation_kills", figures, about)
