"""The inbox of customer service: a million tickets with five million messages of a million customers.

    python -m benchmarks inbox [--tickets 1000000] [--rounds 9] [--seconds 60] [--rate 1] [--again]

Tickets of two years in three languages, five messages each, two of them answers; of the newest, one in fifty of all,
most are open, a tenth of them nobody's. Pages are whole requests through every middleware as an EC manager, warm, with
what is counted for people thrown away before; the median counts, and the best of three tries where other work disturbs.

Polling is in real time: a hundred agents, each with a session and a page of his own (most with a conversation open),
ask every twelve seconds, as their browsers do, while ``rate`` messages a second come in, three of ten as new tickets.
What the questions cost in processor time, Python + PostgreSQL, is told as a share of one core.
"""

# ruff: noqa: E501  statements and sentences read better whole
import argparse
import hashlib
import json
import random
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks.filling import CHANCE, NAME, fill, without_indexes
from benchmarks.loading import EN_FAMILY, EN_GIVEN, JA_FAMILY, JA_GIVEN, KO_FAMILY, KO_GIVEN
from benchmarks.order_list import database_seconds, page_cost, statements
from benchmarks.people import manager
from benchmarks.report import Figure, publish
from benchmarks.server import superuser
from customers.models import Customer
from service.models import Inlet, Message, Outgoing, Ticket
from service.services import Incoming, take_message
from service.services.reasons.seeding import seed_ticket_reasons
from staff.models import Role, User
from staff.services import set_user_roles

MS = 150
STATEMENTS = 15
AGENTS = 100
EACH = 12  # seconds between two questions of one page, as in inbox.js
SHARE = 20  # percent of one core
MESSAGES = 5
TABLES = ["customers_customer", "service_ticket", "service_message", "service_outgoing"]
INLETS = (("bench-kr", "ko"), ("bench-jp", "ja"), ("bench-en", "en"))
SENTENCES: Mapping[str, str] = {
    "ko": """배송이 언제 되나요? 아직 도착하지 않았습니다|환불 부탁드립니다. 카드로 결제했습니다|사이즈 교환이 가능한지 궁금합니다|
주소를 잘못 적었어요. 변경해 주세요|색상이 사진과 많이 다릅니다|지퍼가 고장 난 상태로 왔습니다|영수증 발급 부탁드려요|
재입고 일정이 있을까요?|쿠폰이 적용되지 않았습니다|선물 포장이 가능한가요?|주문을 취소하고 싶습니다|포인트가 적립되지 않았어요""",
    "ja": """注文した商品がまだ届いていません|返品したいのですが、送料はどちらの負担ですか|サイズを交換していただけますか|
住所を間違えました。変更をお願いします|色が写真とかなり違います|ファスナーが壊れていました|領収書を発行してください|
再入荷の予定はありますか|クーポンが使えませんでした|ギフト包装はできますか|キャンセルをお願いいたします|ポイントが付いていません""",
    "en": """Where is my parcel? It has not arrived yet|Please refund me, I paid by card|Can I exchange it for a larger size?|
I gave the wrong address, please change it|The colour is not like in the picture|The zip was broken when it came|
Could I have a receipt, please?|When will it be back in stock?|My coupon did not work|Do you wrap gifts?|
I would like to cancel my order|My points are missing""",
}


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks inbox")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=60, help="how long a hundred agents poll")
    parser.add_argument("--rate", type=float, default=1.0, help="messages that come in each second meanwhile")
    parser.add_argument("--again", action="store_true", help="load the tickets again")
    options = parser.parse_args()
    prepare(options.tickets, again=options.again)
    _user, client = manager()
    figures = page_figures(client, options.tickets, options.rounds)
    figures += polling_figures(options.seconds, options.rate)
    about = (
        f"{options.tickets:,} tickets, {options.tickets * MESSAGES:,} messages, {options.tickets:,} customers;"
        f" medians of {options.rounds}, warm; polling for {options.seconds} s with {options.rate:g} messages a second"
    )
    return publish("inbox", figures, about, "processor ms (Python + PostgreSQL), statements")


# --- pages


def pages(count: int) -> dict[str, str]:
    """Return the addresses by what they show."""
    inbox = reverse("admin:service_inbox")
    some = Ticket.objects.order_by("pk").values("pk", "number", "customer_id", "sender_address")[count // 3]
    waiting = Ticket.objects.to_answer().exclude(assignee=None).order_by("pk").values_list("pk", flat=True)[0]
    found = {f"view: {view}": f"{inbox}?view={view}" for view in (
        "mine", "unassigned", "open", "late", "soon", "waiting", "by_hand", "resolved", "all",
    )}  # fmt: skip
    found["view: all, page 50"] = f"{inbox}?view=all&page={min(50, max(1, count // 30))}"
    found["view: open, a conversation open"] = f"{inbox}?view=open&ticket={waiting}"
    found["beside a conversation"] = reverse("admin:service_beside", args=[waiting])
    for words in (
        "환불", "배송이", "영수증 발급", "김 민준", "返品", "領収書", "ファスナー", "佐藤 花子", "refund", "broken zip", "Emma",
        some["number"], some["sender_address"], "zzyzx nobody", "뷁뷁",
    ):  # fmt: skip
        found[f"search: {words}"] = f"{inbox}?view=all&q={quote(str(words))}"
    found["search: within to answer, 환불"] = f"{inbox}?view=open&q={quote('환불')}"
    found["list of all tickets, search: 返品"] = (
        f"{reverse('admin:service_ticket_changelist')}?tab=all&q={quote('返品')}"
    )
    found["customer page"] = reverse("admin:customers_customer_change", args=[some["customer_id"]])
    found["customer: whole story"] = reverse("admin:crm_story", args=[some["customer_id"]])
    return found


def page_figures(client: Client, count: int, rounds: int) -> list[Figure]:
    """Return server time of each page, and the most statements of the inbox and of the story."""
    figures, most = [], {}
    for name, url in pages(count).items():
        cost, attempts = page_cost(client, url, rounds)
        taken = statements(client, url)
        processor = cost.python + cost.database
        note = f"{processor:.0f} ({cost.python:.0f} + {cost.database:.0f}), {taken} statements"
        figures.append(
            Figure(name, cost.clock, "ms", MS, note if attempts == 1 else f"{note}, try {attempts}", processor)
        )
        most[name] = taken
    counted = {name: taken for name, taken in most.items() if name != "customer page"}  # its panels are other apps'
    figures.append(Figure("most statements: inbox, search, story", max(counted.values()), "", STATEMENTS))
    return figures


# --- polling


@dataclass
class Page:
    """One agent's browser."""

    client: Client
    url: str
    tag: str = ""

    def ask(self) -> tuple[int, float]:
        """Ask once; return the status and the processor seconds that it took."""
        headers = {"If-None-Match": self.tag} if self.tag else {}
        server, processor = database_seconds(), time.process_time()
        answer = self.client.get(self.url, headers=headers)
        spent = time.process_time() - processor + database_seconds() - server
        assert answer.status_code in {200, 304}, answer.status_code
        self.tag = answer["ETag"]
        return answer.status_code, spent


def polling_figures(seconds: int, rate: float) -> list[Figure]:
    """Let a hundred pages ask in turn for so long, in real time, while messages come in; return what it cost."""
    browsers = open_pages()
    cache.clear()
    for browser in browsers:
        browser.ask()  # the first answer belongs to opening the page
    chance = random.Random(7)
    waiting = list(
        Ticket.objects.filter(status__in=["new", "open", "waiting_for_customer"]).values_list("pk", flat=True)
    )
    told: list[tuple[int, float]] = []
    taken, began = 0, time.perf_counter()
    for turn in range(seconds * AGENTS // EACH):
        pause = began + turn * EACH / AGENTS - time.perf_counter()
        if pause > 0:
            time.sleep(pause)
        while taken < (time.perf_counter() - began) * rate:
            write_in(taken, waiting, chance)
            taken += 1
        told.append(browsers[turn % AGENTS].ask())
    elapsed = time.perf_counter() - began
    spent = sum(cost for _status, cost in told)
    unchanged = [cost for status, cost in told if status == 304]
    drawn = [cost for status, cost in told if status == 200]
    per_second = len(told) / elapsed
    note = f"{len(told)} questions, {per_second:.1f} a second, {taken} messages; {len(unchanged)} unchanged"
    # a machine that falls behind asks less often than a hundred agents would
    share = 100 * spent / len(told) * AGENTS / EACH
    figures = [Figure("100 agents polling, of one core", share, "%", SHARE, note, share)]
    for name, costs in (("a poll that draws nothing", unchanged), ("a poll that draws", drawn)):
        if costs:
            figures.append(Figure(f"  {name}: processor", 1000 * statistics.mean(costs), "ms", note=f"{len(costs)}"))
    return figures


def open_pages() -> list[Page]:
    """Return the pages of a hundred agents: seven of ten look at their own, most of them at a conversation."""
    browsers, poll = [], reverse("admin:service_inbox_poll")
    for place, user in enumerate(User.objects.filter(username__startswith="bench-agent").order_by("pk")):
        client = Client(HTTP_HOST="localhost")
        client.force_login(user)
        view = "mine" if place % 10 < 7 else "unassigned" if place % 10 < 9 else "open"
        own = Ticket.objects.to_answer().filter(assignee=user).order_by("pk").values_list("pk", flat=True).first()
        opened = f"&ticket={own}" if own and place % 5 else ""
        browsers.append(Page(client, f"{poll}?view={view}{opened}"))
    return browsers


def write_in(place: int, waiting: list[int], chance: random.Random) -> None:
    """Let a customer write: a new matter, or to a ticket that is open."""
    inlets = dict(Inlet.objects.filter(code__startswith="bench-").values_list("language", "pk"))
    language = chance.choice(list(inlets))
    words = chance.choice(SENTENCES[language].split("|")).strip()
    before = ""
    if chance.random() > 0.3:
        said = Message.objects.filter(ticket=chance.choice(waiting)).values_list("message_id", flat=True)
        before = str(said[0])
    take_message(
        inlet_id=inlets[language],
        incoming=Incoming(
            external_id=f"poll:{time.time_ns()}:{place}", subject=words[:40], body=words, in_reply_to=before,
            sender_address=f"buyer{chance.randrange(10**6)}@example.com", sender_name="Bench",
        ),
    )  # fmt: skip


# --- loading


def prepare(count: int, *, again: bool) -> None:
    """Load the tickets unless the same ones are there, written within the last days."""
    mark = settings.DATA_DIR / "loaded.json"
    digest = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    wanted = {"tickets": count, "loader": digest}
    newest = Ticket.objects.filter(number__startswith="B-").order_by("-last_message_at").first()
    fresh = newest is not None and timezone.now() - newest.last_message_at < timedelta(days=2)
    if not again and fresh and mark.exists() and json.loads(mark.read_text(encoding="utf-8")) == wanted:
        return
    print(f"loading {count:,} tickets (minutes) ...", flush=True)
    mark.unlink(missing_ok=True)
    seed_ticket_reasons()
    _people()
    for code, language in INLETS:
        values = {"name": code, "kind": "email", "address": f"{code}@shop.example", "language": language}
        Inlet.objects.get_or_create(code=code, defaults=values)
    with superuser() as connection, connection.cursor() as cursor:
        _load(cursor, count)
    mark.write_text(json.dumps(wanted), encoding="utf-8")


def _people() -> None:
    known = User.objects.filter(username__startswith="bench-agent").count()
    for place in range(known, AGENTS):
        user = User.objects.create(username=f"bench-agent{place}", is_staff=True, language="ko")
        set_user_roles(user_id=user.pk, roles=[Role.CS_AGENT], actor=None)


def _load(cursor: "psycopg.Cursor[Any]", count: int) -> None:
    """Replace all: without triggers, indexes last."""
    cursor.execute("SET maintenance_work_mem = '1GB'")
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("TRUNCATE customers_customer CASCADE")
    cursor.execute("TRUNCATE service_ticket CASCADE")
    indexes = without_indexes(cursor, TABLES)
    cursor.execute(CHANCE)
    inlets = dict(Inlet.objects.filter(code__startswith="bench-").values_list("language", "pk"))
    agents = list(User.objects.filter(username__startswith="bench-agent").order_by("pk").values_list("pk", flat=True))
    reason = cursor.execute("SELECT min(id) FROM service_reasonnode WHERE parent_id IS NOT NULL").fetchone()
    parameters: dict[str, Any] = {
        "count": count,
        "agents": agents,
        "reason": reason[0] if reason else None,
        "inlets": [inlets["ko"], inlets["ja"], inlets["en"]],
        "family": [*KO_FAMILY.split(), *(word.split("/")[0] for word in JA_FAMILY.split()), *EN_FAMILY.split()],
        "given": [*KO_GIVEN.split(), *(word.split("/")[0] for word in JA_GIVEN.split()), *EN_GIVEN.split()],
        **{code: [one.strip() for one in text.split("|")] for code, text in SENTENCES.items()},
    }
    every = "generate_series(1, %(count)s::bigint) AS n"
    each = f"{every} CROSS JOIN generate_series(1, {MESSAGES}) AS place"
    fill(cursor, Customer, _customers(), every, parameters)
    fill(cursor, Ticket, _tickets(), every, parameters)
    fill(cursor, Message, _messages(), each, parameters)
    fill(cursor, Outgoing, _answers(), f"{each} WHERE place %% 2 = 0", parameters)
    for definition in indexes:
        cursor.execute(definition)
    cursor.execute("RESET session_replication_role")
    for table in TABLES:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute(f"VACUUM ANALYZE {table}")


# of the newest fiftieth: a quarter each waits for the customer or is answered, half waits for us
_IS_NEW = "n > %(count)s - %(count)s / 50"
_STATUS = (
    f"CASE WHEN NOT {_IS_NEW} THEN CASE WHEN pg_temp.chance(n, 6) < 0.02 THEN 'resolved' ELSE 'closed' END"
    " WHEN pg_temp.chance(n, 6) < 0.1 THEN 'new' WHEN pg_temp.chance(n, 6) < 0.5 THEN 'open'"
    " WHEN pg_temp.chance(n, 6) < 0.75 THEN 'waiting_for_customer' ELSE 'resolved' END"
)
_WAITS = f"{_IS_NEW} AND pg_temp.chance(n, 6) < 0.5"
_LANGUAGE = "(ARRAY['ko', 'ja', 'en'])[1 + n %% 3]"
_CUSTOMER = "(1 + floor(%(count)s * pg_temp.chance(n, 3)))::bigint"
_AT = "now() - make_interval(secs => (%(count)s - n) * 63072000.0 / %(count)s + 60)"
_AGENT = "(%(agents)s::bigint[])[1 + floor(pg_temp.chance(n, 8) * cardinality(%(agents)s::bigint[]))::int]"


def _said(place: str) -> str:
    chosen = f"1 + floor(pg_temp.chance(n, 20 + {place}) * 12)::int"
    return (
        f"CASE n %% 3 WHEN 0 THEN (%(ko)s::text[])[{chosen}] WHEN 1 THEN (%(ja)s::text[])[{chosen}]"
        f" ELSE (%(en)s::text[])[{chosen}] END"
    )


def _customers() -> dict[str, str]:
    name = NAME.format(n="n")
    return {
        "id": "n",
        "name": name,
        "search_text": f"lower({name} || ' buyer' || n || '@example.com')",
        "country": "(ARRAY['KR', 'JP', 'US'])[1 + n %% 3]",
        "language": _LANGUAGE,
    }


def _tickets() -> dict[str, str]:
    name, words = NAME.format(n=_CUSTOMER), " || ' ' || ".join(f"({_said(str(place))})" for place in range(1, 6))
    address = f"'buyer' || {_CUSTOMER} || '@example.com'"
    settled = f"({_STATUS}) IN ('resolved', 'closed')"
    return {
        "id": "n",
        "number": "'B-' || lpad(n::text, 7, '0')",
        "subject": f"left({_said('1')}, 60)",
        "inlet_id": "(%(inlets)s::bigint[])[1 + n %% 3]",
        "customer_id": _CUSTOMER,
        "sender_name": name,
        "sender_address": address,
        "status": _STATUS,
        "priority": "CASE WHEN pg_temp.chance(n, 9) < 0.05 THEN 3 ELSE 2 END",
        "language": _LANGUAGE,
        "assignee_id": f"CASE WHEN {_WAITS} AND pg_temp.chance(n, 10) < 0.1 THEN NULL ELSE {_AGENT} END",
        "reason_id": f"CASE WHEN {settled} THEN %(reason)s::bigint END",
        "tags": "'{}'",
        "version": str(MESSAGES),
        "message_count": str(MESSAGES),
        "gist": _said("5"),
        "last_message_at": _AT,
        "created_at": f"{_AT} - interval '1 day'",
        "waiting_since": f"CASE WHEN {_WAITS} THEN {_AT} END",
        "due_at": f"CASE WHEN {_WAITS} THEN now() + make_interval(mins => (pg_temp.chance(n, 11) * 6000)::int - 600) END",
        "resolved_at": f"CASE WHEN {settled} THEN {_AT} END",
        "closed_at": f"CASE WHEN ({_STATUS}) = 'closed' THEN {_AT} END",
        "search_text": f"lower('b-' || lpad(n::text, 7, '0') || ' ' || {name} || ' ' || {address} || ' ' || {words})",
    }


def _messages() -> dict[str, str]:
    number = f"(n * {MESSAGES} + place)"
    return {
        "id": number,
        "ticket_id": "n",
        "version": "place",
        "inlet_id": "(%(inlets)s::bigint[])[1 + n %% 3]",
        "direction": "CASE WHEN place %% 2 = 0 THEN 'outbound' ELSE 'inbound' END",
        "external_id": f"'m' || {number}",
        "message_id": f"'m' || {number} || '@mail.example'",
        "references": "'{}'",
        "withheld": "'{}'",
        "author_id": f"CASE WHEN place %% 2 = 0 THEN {_AGENT} END",
        "sender_name": NAME.format(n=_CUSTOMER),
        "sender_address": f"'buyer' || {_CUSTOMER} || '@example.com'",
        "body": _said("place"),
        "at": f"{_AT} - make_interval(hours => 5 * ({MESSAGES} - place))",
    }


def _answers() -> dict[str, str]:
    number = f"(n * {MESSAGES} + place)"
    return {
        "id": "(n * 2 + place / 2 - 1)",
        "message_id": number,
        "key": f"'bench:' || {number}",
        "way": "'mail'",
        "state": "'sent'",
        "status_before": "'open'",
        "due_at": _AT,
        "sent_at": _AT,
    }
