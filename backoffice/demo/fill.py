"""Fills an empty database with the shop; goes on where a killed run ended; leaves a filled one alone."""

import gc
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.management.base import CommandError

from backoffice.demo.arrivals import let_goods_arrive
from backoffice.demo.asking import take_questions
from backoffice.demo.bills import take_invoices
from backoffice.demo.bundles import pack_bundles
from backoffice.demo.buying import open_suppliers, order_goods
from backoffice.demo.carrying import carry_parcels
from backoffice.demo.catalogue import PlannedProduct
from backoffice.demo.claims import open_cases
from backoffice.demo.colleagues import colleagues, hire_colleagues
from backoffice.demo.consenting import take_consents
from backoffice.demo.counts import count_shelves
from backoffice.demo.describing import describe_stock, hang_tags, write_texts
from backoffice.demo.desk_day import spend_day
from backoffice.demo.fates import OFFICE
from backoffice.demo.files import import_files
from backoffice.demo.foresight import foresee
from backoffice.demo.fortnights import fortnights_of, live_through
from backoffice.demo.giving_out import give_out
from backoffice.demo.goods import count_stock, hang_pictures, register_products
from backoffice.demo.holding import hold_some
from backoffice.demo.kinds import open_collections, open_kinds
from backoffice.demo.lawful import run_deadlines
from backoffice.demo.listening import hear_customers
from backoffice.demo.macros import use_macros
from backoffice.demo.money import arrange_money
from backoffice.demo.moving import move_stock
from backoffice.demo.novelties import register_novelties
from backoffice.demo.packing import pack_today
from backoffice.demo.papers import file_certificates
from backoffice.demo.pieces import place_pieces
from backoffice.demo.plan import Begin, Plan, make_plan
from backoffice.demo.premises import open_premises
from backoffice.demo.progress import Progress
from backoffice.demo.recall import recall_lot
from backoffice.demo.reckoning import reckon
from backoffice.demo.relations import know_buyers
from backoffice.demo.replenishing import plan_purchases
from backoffice.demo.sent_back import send_goods_back
from backoffice.demo.shortages import show_shortages
from backoffice.demo.steps import LAST, answer_of, do_once, is_done
from backoffice.demo.tables import import_tables
from backoffice.demo.trading import (
    change_by_rule,
    market_of,
    move_listings,
    move_prices,
    note_codes,
    offer_wishes,
    rename_products,
    replace_products,
)
from backoffice.demo.work import live_work
from backoffice.demo.work_rules import set_up_work
from backoffice.demo.worth import price_openings
from catalog.models import Product
from catalog.services import judge_all_listings
from orders.models import Order
from staff.models import User

logger = logging.getLogger(__name__)

SEED = 20_240_401
PICTURES_AT_ONCE = 40
BEST_SELLERS = 30
MOST_TASKS = 60  # delivered in the last months, beside those that are under way

Step = tuple[str, str, int, Callable[[], Any]]  # name, what people read, weight, what it does


def fill(*, orders: int, now: datetime, say: Callable[[str], None], is_quiet: bool = False) -> Begin:
    """Make the shop complete and return what it follows from; quick when it is.

    Refuses with CommandError a database that holds orders or products of somebody else.
    """
    kept = answer_of("begin")
    if kept is None:
        if Order.objects.exists() or Product.objects.exists():
            raise CommandError(
                "This database holds data that is not the demo's, so nothing was filled in. "
                "Start without demo data (make up), or set BACKOFFICE_DATA_DIR to an empty folder."
            )
        begin = Begin(SEED, orders, now.astimezone(OFFICE).replace(second=0, microsecond=0))
        kept = do_once("begin", begin.as_json)
        say(f"filling the demo shop with {orders:,} orders (once, a minute or two).")
    elif not is_done(LAST):
        say("the demo shop is half-filled from an earlier run; going on where it ended.")
    begin = Begin.from_json(kept)
    if begin.orders != orders:
        say(f"the demo shop has {begin.orders:,} orders already; it stays as it is.")
    if not is_done(LAST):
        plan = make_plan(begin)
        gc.freeze()  # the plan stays to the end: the collector need not walk through it again and again
        try:
            _run(plan, say, is_quiet=is_quiet)
        finally:
            gc.unfreeze()
    return begin


def _run(plan: Plan, say: Callable[[str], None], *, is_quiet: bool) -> None:
    steps = list(_steps(plan))
    progress = Progress(sum(weight for _name, _what, weight, _run in steps), is_quiet=is_quiet)
    progress.advance(0, steps[0][1])
    for place, (name, what, weight, run) in enumerate(steps):
        logger.debug("demo step=%s", name)
        do_once(name, run)
        upcoming = steps[place + 1][1] if place + 1 < len(steps) else what
        progress.advance(weight, upcoming)
    do_once(LAST, lambda: True)
    say(f"the demo shop is filled ({progress.finish():.0f} s).")


def _steps(plan: Plan) -> Iterator[Step]:
    team = _Team()
    yield "staff", "colleagues", 5, hire_colleagues
    yield "premises", "channels and warehouses", 1, open_premises
    yield "kinds", "product types", 1, open_kinds
    products = plan.products
    yield "products", "products", 20, lambda: register_products(products=products, actor=team["merchandiser"])
    yield "texts", "texts", 10, lambda: write_texts(products=products, actor=team["merchandiser"])
    for first in range(0, len(products), PICTURES_AT_ONCE):
        part = products[first : first + PICTURES_AT_ONCE]
        draw = partial(_hang, part, first, team)
        yield f"pictures:{first:04d}", "pictures", len(part) // 4 + 1, draw
    yield (
        "described",
        "attributes and notices",
        10,
        lambda: describe_stock(products=products, actor=team["merchandiser"]),
    )
    yield "tags", "tags and certificates", 5, lambda: _mark(plan, team)
    yield "bundles", "bundles", 2, lambda: _pack(plan, team)
    yield "stock", "opening stock", 20, lambda: _stock(plan, team)
    yield "costs", "what stock cost", 3, lambda: price_openings(actor=team["accountant"])
    for number, span in enumerate(fortnights_of(plan)):
        weight = len(span.placed) // 30 + 1
        yield f"fortnight:{number:03d}", "orders", weight, partial(live_through, span, team=team)
    yield "moving", "transfers and kits", 1, lambda: move_stock(actor=team["warehouse"])
    yield "files", "imported files", 5, lambda: import_files(plan=plan, actor=team["manager"])
    yield "work rules", "tasks", 1, set_up_work
    yield "trade", "listings and prices", 5, lambda: _trade(products, team)
    yield "novelties", "products in review", 5, lambda: register_novelties(plan=plan)
    yield "suppliers", "suppliers and price lists", 5, lambda: open_suppliers(actor=team["manager"])
    yield "purchase orders", "purchase orders", 1, lambda: order_goods(team=team)
    yield "tables", "imported tables", 1, lambda: import_tables(products=products, actor=team["merchandiser"])
    yield "pieces", "lots, bins and holds", 1, lambda: place_pieces(team=team)
    yield "recall", "a lot called back", 1, lambda: recall_lot(plan=plan, team=team)
    yield "arrivals", "goods receipts", 5, lambda: let_goods_arrive(team=team)
    yield "bills", "suppliers' invoices", 3, lambda: take_invoices(team=team)
    yield "sent back", "returns to suppliers", 1, lambda: send_goods_back(team=team)
    yield "shortages", "what is short", 1, lambda: show_shortages(team=team)
    yield "law", "legal deadlines", 1, lambda: run_deadlines(now=plan.begin.now, team=team)
    yield "cases", "return cases", 1, lambda: open_cases(team=team)
    yield "money", "deposits and refunds", 1, lambda: arrange_money(now=plan.begin.now, team=team)
    yield "carrying", "parcels on their way", 2, lambda: carry_parcels(now=plan.begin.now, team=team)
    yield "collections", "collections", 1, lambda: open_collections(actor=team["merchandiser"])
    yield "reckoning", "settlements and profit", 2, lambda: reckon(now=plan.begin.now, team=team)
    yield "counts", "stocktakes", 1, lambda: count_shelves(team=team)
    yield "foresight", "forecasts", 5, lambda: foresee(now=plan.begin.now)
    yield "replenishing", "what to reorder", 2, lambda: plan_purchases(team=team, now=plan.begin.now)
    yield "judged", "what speaks against selling", 5, judge_all_listings
    yield "holds", "what stands still", 1, lambda: hold_some(team=team)
    yield "packing", "waves and packing", 1, lambda: pack_today(team=team)
    yield "questions", "tickets", 1, lambda: take_questions(now=plan.begin.now, team=team)
    yield "macros", "the desk", 1, lambda: _work_at_desk(plan, team)
    yield "consents", "consents", 1, lambda: take_consents(now=plan.begin.now, team=team)
    yield "relations", "who buys how", 1, lambda: know_buyers(now=plan.begin.now, team=team)
    yield "voices", "articles, reviews and what they tell", 1, lambda: hear_customers(now=plan.begin.now, team=team)
    history = min(MOST_TASKS, plan.begin.orders // 200)
    yield (
        "work",
        "tasks",
        15,
        lambda: live_work(products=products, history=history, seed=plan.begin.seed),
    )


def _work_at_desk(plan: Plan, team: Mapping[str, User]) -> int:
    count = use_macros(now=plan.begin.now, team=team)
    return count + spend_day(team=team) + give_out(team=team)


def _hang(part: Any, first: int, team: Mapping[str, User]) -> None:
    hang_pictures(products=part, first=first, actor=team["merchandiser"])


def _mark(plan: Plan, team: Mapping[str, User]) -> None:
    newest = plan.begin.now - (plan.begin.now - plan.begin.start) / 4
    hang_tags(products=plan.products, wanted=BEST_SELLERS, newest=newest, actor=team["merchandiser"])
    file_certificates(products=plan.products, actor=team["merchandiser"])


def _pack(plan: Plan, team: Mapping[str, User]) -> None:
    pack_bundles(products=plan.products, now=plan.begin.now, actor=team["merchandiser"])


def _stock(plan: Plan, team: Mapping[str, User]) -> None:
    count_stock(opening=plan.stock.opening, unwatched=plan.stock.unwatched, actor=team["warehouse"])


def _trade(products: Sequence[PlannedProduct], team: Mapping[str, User]) -> None:
    market = market_of(products=products, actor=team["merchandiser"])
    for tell in (
        note_codes,
        offer_wishes,
        rename_products,
        move_prices,
        change_by_rule,
        move_listings,
        replace_products,
    ):
        tell(market)


class _Team(dict[str, User]):
    """The colleagues, read when first needed: their step comes before all others."""

    def __missing__(self, name: str) -> User:
        self.update(colleagues())
        return self[name]
