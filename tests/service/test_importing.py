"""Conversations come in by files: dry run first, each message once, and then they are worked through."""

import csv
import io
import json
import lzma
import zipfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from core.errors import InvalidInput
from core.imports.running import run_import
from core.imports.selectors import outcome_counts
from core.imports.services import preview, set_mapping, start_import, upload_file
from core.models import ImportFormat
from core.verify import verify
from service import tasks
from service.models import Direction, InletKind, Message, Outgoing, Ticket, TicketProduct, TicketStatus
from service.services import claim_ticket, mark_sent_by_hand, reply_to_ticket, resolve_ticket
from tests.catalog.making import make_variant
from tests.factories import make_user
from tests.service.making import a_reason, make_agent, make_inlet

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "support-tickets"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data of support tickets is not here")


def csv_of(rows):
    """Write rows as a CSV with their keys as header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def upload(inlet, content, mapping=None, name="tickets.csv", **options):
    """Upload a file, with a mapping made for it."""
    boss = make_user(is_superuser=True)
    file = ContentFile(content, name=name)
    batch = upload_file(target="service.messages", file=file, options={"inlet": inlet.pk, **options}, actor=boss)
    if mapping:
        set_mapping(batch_id=batch.pk, definition={"fields": mapping}, actor=boss)
    return batch, boss


def bring(inlet, content, mapping=None, **more):
    """Import a file and return how many rows have which outcome."""
    batch, boss = upload(inlet, content, mapping, **more)
    start_import(batch_id=batch.pk, actor=boss)
    run_import(batch_id=batch.pk)
    return {str(name): count for name, count in outcome_counts(batch).items() if count}


def work_through(ticket):
    """Claim, answer, send and resolve a ticket as a colleague does."""
    agent = make_agent()
    claim_ticket(ticket_id=ticket.pk, actor=agent)
    ticket.refresh_from_db()
    owed = reply_to_ticket(
        ticket_id=ticket.pk,
        body="We have looked into it.",
        seen_version=ticket.version,
        key=f"k{ticket.pk}",
        actor=agent,
    )
    mark_sent_by_hand(outgoing_id=owed.pk, actor=agent)
    resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=agent)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == (TicketStatus.RESOLVED, agent)


def assert_sound():
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


def test_inquiries_of_a_korean_mall_come_in_once_with_answer_order_and_product():
    call_command("sync_formats")
    inlet = make_inlet(kind=InletKind.MALL)
    variant = make_variant()
    head = "문의번호,문의유형,제목,문의내용,구매자명,구매자ID,문의일시,상품번호,답변내용,답변일시"
    rows = f"N-1,배송,언제 오나요,언제 받을 수 있나요?,김*준,buyer7,2026-11-20 10:00,{variant.sku},"
    rows += "내일 출고됩니다,2026-11-20 11:00\n"
    rows += "N-2,사이즈,,230이 맞나요?,이*원,buyer8,2026-11-20 12:00,,,\n"
    content = f"{head}\n{rows}".encode("cp949")
    batch, boss = upload(inlet, content)
    assert batch.format == ImportFormat.objects.get(code="generic_inquiries_kr")
    seen = preview(batch_id=batch.pk, actor=boss)
    assert len(seen.rows) == 2
    assert not Ticket.objects.exists()  # a dry run keeps nothing
    assert bring(inlet, content) == {"created": 2}
    assert bring(inlet, content) == {"unchanged": 2}
    first, second = Ticket.objects.order_by("pk")
    assert (first.subject, first.status, first.tags, first.message_count) == (
        "언제 오나요", TicketStatus.WAITING_FOR_CUSTOMER, ["배송"], 2,
    )  # fmt: skip
    assert TicketProduct.objects.get(ticket=first).product_id == variant.product_id
    assert second.status == TicketStatus.NEW
    assert second.waiting_since == datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Asia/Seoul"))
    assert not Outgoing.objects.exists()  # what was answered in the mall is not sent again
    work_through(second)
    assert_sound()


def test_a_thread_in_two_files_is_one_ticket_and_nobody_outside_can_join_it():
    inlet = make_inlet(kind=InletKind.MALL)
    mapping = {"thread": "ticket", "side": "side", "body": "text"}
    assert bring(inlet, csv_of([{"ticket": "T1", "side": "customer", "text": "Hello"}]), mapping) == {"created": 1}
    more = [
        {"ticket": "T1", "side": "agent", "text": "Good day"},
        {"ticket": "T1", "side": "customer", "text": "One more thing"},
        {"ticket": "T9", "side": "agent", "text": "An answer to nothing"},
    ]
    assert bring(inlet, csv_of(more), mapping) == {"created": 2, "refused": 1}
    ticket = Ticket.objects.get()
    assert [(row.direction, row.body) for row in ticket.messages.order_by("pk")] == [
        (Direction.INBOUND, "Hello"),
        (Direction.OUTBOUND, "Good day"),
        (Direction.INBOUND, "One more thing"),
    ]
    assert ticket.status == TicketStatus.OPEN
    assert "T1" not in Message.objects.earliest("pk").message_id


def test_a_settled_thread_ends_resolved():
    inlet = make_inlet(kind=InletKind.MALL)
    rows = [{"ticket": "T1", "text": "Thanks", "resolved": "yes"}]
    bring(inlet, csv_of(rows), {"thread": "ticket", "body": "text", "is_settled": "resolved"})
    assert Ticket.objects.get().status == TicketStatus.RESOLVED


def test_without_an_inlet_nothing_begins():
    with pytest.raises(InvalidInput):
        upload_file(target="service.messages", file=ContentFile(b"text\nx\n", name="a.csv"), options={}, actor=None)


@needs_data
def test_bitext_comes_in_with_its_answers_and_is_worked_through():
    with lzma.open(DATA / "bitext_customer_support_sample.csv.xz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sample = rows[::150]
    inlet = make_inlet(kind=InletKind.MALL)
    mapping = {"body": "instruction", "category": "category", "second_category": "intent", "answer": "response"}
    distinct = len({row["instruction"] for row in sample})
    brought = bring(inlet, csv_of(sample), mapping)
    assert brought["created"] == len(sample)
    assert Ticket.objects.count() == distinct
    assert bring(inlet, csv_of(sample), mapping) == {"unchanged": len(sample)}
    assert set(Ticket.objects.values_list("status", flat=True)) == {TicketStatus.WAITING_FOR_CUSTOMER}
    assert {tag for tags in Ticket.objects.values_list("tags", flat=True) for tag in tags} >= {"ORDER", "cancel_order"}
    assert_sound()


@needs_data
def test_banking77_comes_in_and_is_worked_through():
    with zipfile.ZipFile(DATA / "banking77.zip") as packed:
        rows = list(csv.DictReader(io.TextIOWrapper(packed.open("test.csv"), encoding="utf-8", newline="")))
    sample = rows[::150]
    inlet = make_inlet(kind=InletKind.MALL)
    assert bring(inlet, csv_of(sample), {"body": "text", "category": "category"}) == {"created": len(sample)}
    for ticket in Ticket.objects.order_by("pk")[:5]:
        work_through(ticket)
    assert Ticket.objects.to_answer().count() == len(sample) - 5


@needs_data
def test_dialogues_of_abcd_become_conversations_and_are_worked_through():
    with zipfile.ZipFile(DATA / "abcd_retail_support.zip") as packed:
        dialogues = json.loads(packed.read("abcd_sample.json"))
    begin = timezone.now().replace(year=2026, month=11, day=1)
    rows = []
    for dialogue in dialogues:
        said = [turn for turn in dialogue["original"] if turn[0] in {"customer", "agent"}]
        while said[0][0] == "agent":  # "Hi!", before anybody has asked
            said.pop(0)
        scenario = dialogue["scenario"]
        rows += [
            {
                "convo_id": dialogue["convo_id"],
                "number": number,
                "role": side,
                "text": text,
                "flow": scenario["flow"],
                "subflow": scenario["subflow"],
                "customer": scenario["personal"]["customer_name"],
                "created_at": begin.replace(minute=number).isoformat(),
            }
            for number, (side, text) in enumerate(said)
        ]
    inlet = make_inlet(kind=InletKind.MALL)
    mapping = {
        "thread": "convo_id", "external_id": "number", "side": "role", "body": "text", "category": "flow",
        "second_category": "subflow", "sender_name": "customer", "at": "created_at",
    }  # fmt: skip
    assert bring(inlet, csv_of(rows), mapping) == {"created": len(rows)}
    assert bring(inlet, csv_of(rows), mapping) == {"unchanged": len(rows)}
    assert Ticket.objects.count() == len(dialogues) == 3
    for dialogue, ticket in zip(dialogues, Ticket.objects.order_by("pk"), strict=True):
        sides = [turn[0] for turn in dialogue["original"] if turn[0] in {"customer", "agent"}]
        customer = sides.count("customer")
        assert ticket.messages.filter(direction=Direction.INBOUND).count() == customer
        assert ticket.tags == sorted({dialogue["scenario"]["flow"], dialogue["scenario"]["subflow"]})
        work_through(ticket)
    assert tasks.send_replies() == 0
