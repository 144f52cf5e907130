"""Macros: words with values of a chosen order, acts with the actor's rights, once for each press, never from notes."""

import ast
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from returns.models import ReturnRequest
from service.models import Draft, Macro, MacroFavourite, MacroUse, Note, Outgoing, Team, Ticket
from service.selectors import variables
from service.selectors.macros import macros_found
from service.selectors.variables import VARIABLES, Source, resolved, unknown_variables, variables_in
from service.services import link_ticket_order, write_note
from service.services.answering import ConversationMoved
from service.services.macros import like_macro, tag_tickets, use_macro, use_macro_on_tickets
from service.services.reasons.choosing import ReasonMissing
from staff.models import Task
from tests.factories import make_customer, make_order, make_stock, make_user, make_variant
from tests.orders.stories import assert_sound
from tests.returns.making import make_reason, make_rule, sold
from tests.service.making import WORK, a_reason, make_agent, make_ticket, write

pytestmark = pytest.mark.django_db

SEES = (*WORK, "customers.see_contact_data", "orders.view_payment", "staff.add_task")


def make_macro(**over):
    return Macro.objects.create(**{"name": "Late parcel", "body_ko": "주문 {{order.number}}", **over})


def linked(ticket, **over):
    order = make_order((make_variant(), 2), customer=make_customer(name="Kim Minjun"), **over)
    link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=None)
    return order


def use(macro, ticket, actor, **over):
    ticket = Ticket.objects.get(pk=ticket.pk)
    wish = {"key": "k1", "seen_version": ticket.version, **over}
    return use_macro(macro_id=macro.pk, ticket_id=ticket.pk, actor=actor, **wish)


def test_words_take_values_of_the_chosen_order_in_the_language_of_the_ticket():
    ticket, user = make_ticket(), make_user(permissions=SEES)
    order = linked(ticket, unit_price=12_500, currency="KRW")
    ticket.refresh_from_db()
    source = Source(ticket=ticket, order=order, user=user)
    found = resolved(text="{{ customer.name }}: {{order.number}}, {{order.total}}", source=source, language="ko")
    assert (found.text, found.missing) == (f"Kim Minjun: {order.number}, ₩25,000", ())
    japanese = resolved(text="{{order.total}}", source=source, language="ja").text
    assert japanese in {"￦25,000", "₩25,000"}


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_each_variable_reads_or_is_missing_and_never_asks_for_notes(name):
    ticket = make_ticket()
    write_note(ticket_id=ticket.pk, body="SECRET {{order.number}}", actor=None)
    order = linked(ticket)
    ticket.refresh_from_db()
    with CaptureQueriesContext(connection) as asked:
        found = resolved(text=f"{{{{{name}}}}}", source=Source(ticket=ticket, order=order, user=None), language="en")
    assert not [one for one in asked if "service_note" in one["sql"]]
    assert "SECRET" not in found.text
    assert bool(found.missing) == found.text.startswith("{{")


def test_what_reads_values_knows_no_notes():
    tree = ast.parse(Path(variables.__file__).read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    texts = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not {name for name in names | texts if "note" in name.lower()}


def test_braces_in_a_customers_words_mean_nothing():
    ticket = make_ticket(subject="{{order.total}} {{agent.name}}")
    found = resolved(text="{{ticket.subject}}", source=Source(ticket=ticket, order=None, user=None), language="en")
    assert found.text == "{{order.total}} {{agent.name}}"
    assert variables_in("{{a}} {{ a }} {{b.c}}") == ["a", "b.c"]
    assert unknown_variables("{{order.number}} {{order.customer.password}} {{note.body}}") == [
        "order.customer.password", "note.body",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "permissions", "says"),
    [
        ("{{order.number}}", SEES, "order number (choose an order)"),
        ("{{customer.name}}", WORK, "you may not see it"),
        ("{{order.secret}}", SEES, "there is no such variable"),
    ],
)
def test_what_is_missing_blocks_and_is_named(body, permissions, says):
    ticket, user = make_ticket(), make_user(permissions=permissions)
    macro = make_macro(body_ko=body, tags=["late"])
    with pytest.raises(InvalidInput, match="Missing") as refused:
        use(macro, ticket, user, sends=True)
    assert says in str(refused.value)
    ticket.refresh_from_db()
    assert (ticket.tags, ticket.version) == ([], 1)
    assert not Outgoing.objects.exists()
    assert not MacroUse.objects.exists()


def test_a_value_that_the_order_does_not_have_blocks():
    ticket, user = make_ticket(), make_user(permissions=SEES)
    order = linked(ticket)
    with pytest.raises(InvalidInput, match="tracking number of the last parcel"):
        use(make_macro(body_ko="{{shipment.tracking_number}}"), ticket, user, order_id=order.pk)
    assert not Draft.objects.exists()


def test_an_order_that_nobody_chose_is_not_used():
    ticket, user, other = make_ticket(), make_user(permissions=SEES), make_order((make_variant(), 1))
    with pytest.raises(InvalidInput, match="Link the order"):
        use(make_macro(), ticket, user, order_id=other.pk)
    assert not Draft.objects.exists()


def test_put_into_the_answer_behind_what_was_typed_and_acts_are_done_once():
    ticket, user = make_ticket(), make_user(permissions=SEES)
    order, team = linked(ticket), Team.objects.create(name="Korea")
    macro = make_macro(
        tags=["late", "parcel"], team=team, hand="actor", note="Asked about {{order.number}}", status="resolved",
        task_title="Ask the carrier", task_role="warehouse",
    )  # fmt: skip
    for _press in range(2):
        made = use(macro, ticket, user, order_id=order.pk, typed="안녕하세요", seen_version=ticket.version)
    assert not made.has_sent
    ticket.refresh_from_db()
    assert (ticket.tags, ticket.team, ticket.assignee, ticket.status) == (["late", "parcel"], team, user, "open")
    draft = Draft.objects.get()
    assert (draft.body, draft.seen_version) == (f"안녕하세요\n\n주문 {order.number}", ticket.version)
    assert Note.objects.get().body == f"Asked about {order.number}"
    task = Task.objects.get()
    assert (task.title, task.role) == (f"Ask the carrier ({ticket.number})", "warehouse")
    macro.refresh_from_db()
    assert (macro.use_count, MacroUse.objects.count()) == (1, 1)
    assert EventRecord.objects.filter(name="service.macro_used").count() == 1
    with pytest.raises(Conflict):
        use(make_macro(name="Other"), ticket, user)
    assert_sound()


def test_sent_at_once_the_ticket_goes_where_the_macro_says():
    ticket, user = make_ticket(), make_user(permissions=SEES)
    macro = make_macro(body_ko="보냈습니다. {{agent.name}}", status="resolved")
    with pytest.raises(ReasonMissing):  # nothing is settled without its reason, by a macro neither
        use(macro, ticket, user, sends=True)
    assert not Outgoing.objects.exists()
    Ticket.objects.update(reason=a_reason())
    made = use(macro, ticket, user, sends=True)
    assert made.has_sent
    assert Outgoing.objects.get().message.body.startswith("보냈습니다. ")
    ticket.refresh_from_db()
    assert ticket.status == "resolved"


def test_a_conversation_that_moved_refuses_and_does_nothing():
    first, user = write(), make_user(permissions=SEES)
    write(in_reply_to=first.message_id)
    with pytest.raises(ConversationMoved):
        use(make_macro(body_ko="예", tags=["x"]), first.ticket, user, seen_version=1)
    assert Ticket.objects.get().tags == []


def test_acts_have_the_rights_of_the_actor():
    ticket, user = make_ticket(), make_user(permissions=WORK)
    for over in ({"task_title": "Look", "task_role": "warehouse"}, {"hand": "colleague", "colleague": make_agent()}):
        with pytest.raises(NotAllowed):
            use(make_macro(name=str(over), body_ko="예", tags=["x"], **over), ticket, user)
    ticket.refresh_from_db()
    assert (ticket.tags, Draft.objects.count(), Task.objects.count()) == ([], 0, 0)
    with pytest.raises(NotAllowed):
        use(make_macro(body_ko="예"), ticket, make_user(permissions=["service.view_ticket"]))


def test_a_return_is_started_for_what_the_ticket_names():
    make_rule()
    reason, item = make_reason(), make_stock(make_variant(), on_hand=9)
    order = sold(item, 3)
    ticket = make_ticket()
    link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=None)
    macro = make_macro(body_ko="{{order.number}}", return_reason=reason)
    ticket.refresh_from_db()
    with pytest.raises(NotAllowed):
        use(macro, ticket, make_user(permissions=SEES), order_id=order.pk)
    assert not ReturnRequest.objects.exists()
    allowed = make_user(permissions=[*SEES, "returns.open_returnrequest"])
    use(macro, ticket, allowed, order_id=order.pk)
    assert ReturnRequest.objects.get().lines.get().quantity == 3
    assert_sound()


def test_no_words_in_the_language_is_refused_and_another_one_can_be_chosen():
    ticket, user = make_ticket(language="ja"), make_user(permissions=SEES)
    macro = make_macro(body_ko="예")
    with pytest.raises(InvalidInput, match="no words in this language"):
        use(macro, ticket, user)
    use(macro, ticket, user, language="ko")
    assert Draft.objects.get().body == "예"


def test_many_tickets_each_for_itself():
    user, seen = make_user(permissions=SEES), timezone.now()
    one, two, none = make_ticket(), make_ticket(), make_ticket()
    order = linked(one)
    for _order in range(2):
        linked(two)
    report = use_macro_on_tickets(
        macro_id=make_macro(tags=["late"]).pk, ticket_ids=[one.pk, two.pk, none.pk], seen_at=timezone.now(),
        sends=True, key="k", actor=user,
    )  # fmt: skip
    assert (report.done, [number for number, _why in report.refused]) == (1, [two.number, none.number])
    assert Outgoing.objects.get().message.body == f"주문 {order.number}"
    moved = use_macro_on_tickets(
        macro_id=make_macro(name="B", body_ko="예").pk, ticket_ids=[none.pk], seen_at=seen, sends=True, key="k2",
        actor=user,
    )  # fmt: skip
    assert (moved.done, len(moved.refused)) == (0, 1)
    tagged = tag_tickets(ticket_ids=[one.pk, two.pk], adds=["vip"], removes=["late"], actor=user)
    assert (tagged.done, tagged.refused) == (2, [])
    assert list(Ticket.objects.order_by("pk").values_list("tags", flat=True)) == [["vip"], ["vip"], []]
    with pytest.raises(InvalidInput):
        tag_tickets(ticket_ids=[one.pk], adds=[" "], actor=user)
    assert_sound()


def test_favourites_come_first_then_what_is_used():
    user = make_agent()
    used, liked = make_macro(name="Used", use_count=3), make_macro(name="Liked", shortcut="like")
    make_macro(name="Off", is_active=False)
    for _press in range(2):
        like_macro(macro_id=liked.pk, is_liked=True, actor=user)
    assert [one.name for one in macros_found(user=user, query="")] == ["Liked", "Used"]
    assert [one.name for one in macros_found(user=user, query="/lik")] == ["Liked"]
    assert [one.name for one in macros_found(user=user, query="주문 used")] == ["Used"]
    like_macro(macro_id=liked.pk, is_liked=False, actor=user)
    assert not MacroFavourite.objects.exists()
    assert used.use_count == 3


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"status": "odd"}, "service_macro_status_valid"),
        ({"hand": "odd"}, "service_macro_hand_valid"),
        ({"hand": "colleague"}, "service_macro_colleague_named"),
        ({"task_role": "odd"}, "service_macro_role_valid"),
        ({"task_title": "Look"}, "service_macro_task_has_role"),
    ],
)
def test_the_database_refuses(values, constraint):
    make_macro()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Macro.objects.update(**values)


# --- pages
