"""Saved views of the inbox mean what the list means; what is done with many tickets is tried first."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import EventRecord, SavedView
from service.models import Macro, MacroUse, Outgoing, Ticket
from service.selectors.saved import condition_of
from service.services import resolve_ticket, snooze_ticket
from tests.admin.pressing import press_many
from tests.factories import make_channel, make_user
from tests.service.making import WORK, a_reason, make_agent, make_inlet, make_lead, make_ticket

pytestmark = pytest.mark.django_db
INBOX, NEW = "/admin/inbox/", "/admin/inbox/views/"


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def make_view(owner, query, name="Mine", **over):
    return SavedView.objects.create(owner=owner, model="service.ticket", name=name, query=query, **over)


def shown(client, view, **over):
    page = client.get(INBOX, {"view": f"saved-{view.pk}", **over})
    return [row["ticket"].pk for row in page.context["rows"]], page


def test_a_view_is_made_counted_and_shown_in_the_inbox_and_on_the_list():
    agent, inlet = make_agent(), make_inlet()
    one, other = make_ticket(inlet, tags=["refund"]), make_ticket(tags=["refund"])
    make_ticket(inlet)
    client = client_of(agent)
    given = {"name": "Refunds by mail", "tab": "open", "inlet": inlet.pk, "tag": "refund", "assignee": "nobody"}
    answer = client.post(NEW, given)
    view = SavedView.objects.get()
    assert answer["Location"] == f"{INBOX}?view=saved-{view.pk}"
    rows, page = shown(client, view)
    assert rows == [one.pk]
    own = next(each for each in page.context["views"] if each["view"].key == f"saved-{view.pk}")
    assert (own["view"].label, own["count"]) == ("Refunds by mail", "1")
    listed = client.get(f"/admin/service/ticket/?{view.query}")
    assert [row.pk for row in listed.context["cl"].result_list] == [one.pk]
    assert other.pk not in rows
    assert shown(client, view, ticket=one.pk)[1].context["opened"].ticket == one


CONDITIONS = [
    "tab=open",
    "tab=waiting",
    "tab=snoozed",
    "clock=late&tab=all",
    "clock=soon&tab=all",
    "clock=mall&tab=all",
    "clock=legal&tab=all",
    "language__exact=ja&tab=all",
    "priority__exact=3&tab=all",
    "assignee__isnull=True&tab=all",
    "tab=all&tag=refund",
]


@pytest.mark.parametrize("query", CONDITIONS)
def test_inbox_and_list_agree_on_each_condition(query):
    agent = make_user(permissions=[*WORK, "customers.see_contact_data"])
    rows = [make_ticket(), make_ticket(language="ja"), make_ticket(tags=["refund"]), make_ticket(), make_ticket()]
    now = timezone.now()
    Ticket.objects.filter(pk=rows[0].pk).update(due_at=now - timedelta(hours=1), mall_due_at=now, assignee=agent)
    Ticket.objects.filter(pk=rows[1].pk).update(due_at=now + timedelta(hours=1), priority=3)
    Ticket.objects.filter(pk=rows[2].pk).update(legal_due_at=now, status="waiting_for_customer")
    snooze_ticket(ticket_id=rows[3].pk, until=None, actor=agent)
    client, view = client_of(agent), make_view(agent, query)
    found, _page = shown(client, view)
    listed = client.get(f"/admin/service/ticket/?{query}").context["cl"].result_list
    assert sorted(found) == sorted(row.pk for row in listed)
    assert 0 < len(found) < len(rows)


@pytest.mark.parametrize("name", ["inlet", "assignee", "team", "sales_channel", "reason"])
def test_conditions_by_row(name):
    agent = make_agent()
    channel = make_channel()
    ticket = make_ticket(make_inlet(sales_channel=channel))
    make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent, reason=a_reason())
    ticket.refresh_from_db()
    pk = getattr(ticket, f"{name}_id")
    wanted = [ticket.pk] if pk else []
    found, _page = shown(client_of(agent), make_view(agent, f"{name}__id__exact={pk or 1}&tab=all"))
    assert found == wanted


def test_own_and_shared_views_and_what_is_not_known():
    lead, agent = make_user(permissions=[*WORK, "core.share_savedview"]), make_agent()
    make_ticket()
    client_of(agent).post(NEW, {"name": "Mine", "tab": "open", "is_shared": "on"})  # asks for more than one may
    assert not SavedView.objects.get().is_shared
    client_of(lead).post(NEW, {"name": "Ours", "tab": "open", "is_shared": "on"})
    mine, ours = SavedView.objects.order_by("pk")
    assert ours.is_shared
    assert client_of(lead).get(INBOX, {"view": f"saved-{mine.pk}"}).status_code == 404
    assert client_of(agent).get(INBOX, {"view": f"saved-{ours.pk}"}).status_code == 200
    assert client_of(agent).get(INBOX, {"view": "saved-x"}).status_code == 400
    for query in ("password=1", "clock=odd", "inlet__id__exact=x", "tab=odd", "q=Kim"):
        assert condition_of(query, agent) is None, query
    assert condition_of("q=Kim&tab=all", make_user(permissions=["customers.see_contact_data"])) is not None


def test_a_poll_without_news_asks_for_no_views(monkeypatch):
    monkeypatch.setattr("service.admin.polling.TICK", 10**12)
    cache.clear()  # counts that another page asked for moments ago would be compared once more
    agent = make_agent()
    view, client = make_view(agent, "tab=open"), client_of(agent)
    make_ticket()
    poll = f"{INBOX}poll/?view=saved-{view.pk}"
    tag = client.get(poll)["ETag"]
    with CaptureQueriesContext(connection) as asked:
        assert client.get(poll, headers={"If-None-Match": tag}).status_code == 304
    assert not [one for one in asked if "savedview" in one["sql"]]


def test_the_inbox_asks_little_with_many_views():
    agent = make_agent()
    for place in range(12):
        make_view(agent, f"tab=all&tag=t{place}", name=f"V{place}")
    client = client_of(agent)
    ticket = make_ticket()
    client.get(INBOX, {"view": "open", "ticket": ticket.pk})
    with CaptureQueriesContext(connection) as asked:
        client.get(INBOX, {"view": "open"})
    assert len([one for one in asked if "service_" in one["sql"] or "savedview" in one["sql"]]) <= 6


# --- many tickets


def bulk(client, name, ids, **data):
    return press_many(client, Ticket, name, [",".join(map(str, ids))], **data)


def sign_of(answer):
    return answer.context["form"].data["tried"]


def test_it_is_tried_first_with_each_refusal_and_changes_nothing_before():
    agent = make_agent()
    rows = [make_ticket() for _one in range(3)]
    resolve_ticket(ticket_id=rows[2].pk, reason_id=a_reason(), actor=agent)
    ids, client = [row.pk for row in rows], client_of(agent)
    events = EventRecord.objects.count()
    asked = bulk(client, "snooze_selected", ids, until="customer", at="")
    page = asked.content.decode()
    assert (asked.context["form"].preview.done, len(asked.context["form"].preview.refused)) == (2, 1)
    assert f"{rows[2].number}: This ticket is settled" in page
    assert "Nothing is done yet." in page
    assert (Ticket.objects.filter(is_snoozed=True).count(), EventRecord.objects.count()) == (0, events)
    other = bulk(client, "snooze_selected", ids, until="morning", at="", tried=sign_of(asked))
    assert "Nothing is done yet." in other.content.decode()  # other answers are tried again
    done = bulk(client, "snooze_selected", ids, until="customer", at="", tried=sign_of(asked))
    assert done.status_code == 302
    assert Ticket.objects.filter(is_snoozed=True).count() == 2


def test_resolving_many_keeps_reasons_that_were_chosen():
    agent = make_agent()
    fresh, chosen = make_ticket(), make_ticket()
    Ticket.objects.filter(pk=chosen.pk).update(reason=a_reason("money-failed"))
    client, ids = client_of(agent), [fresh.pk, chosen.pk]
    asked = bulk(client, "resolve_selected", ids, reason="delivery-where")
    assert Ticket.objects.filter(status="resolved").count() == 0
    bulk(client, "resolve_selected", ids, reason="delivery-where", tried=sign_of(asked))
    assert list(Ticket.objects.order_by("pk").values_list("status", "reason_id")) == [
        ("resolved", a_reason()), ("resolved", a_reason("money-failed")),
    ]  # fmt: skip
    assert "Choose one of the reasons" in bulk(client, "resolve_selected", ids, reason="odd").content.decode()


def test_a_macro_for_many_is_tried_without_a_trace_and_used_once():
    agent = make_agent()
    macro = Macro.objects.create(name="Thanks", body_ko="감사합니다 {{order.number}}")
    plain = Macro.objects.create(name="Plain", body_ko="감사합니다")
    ids, client = [make_ticket().pk, make_ticket().pk], client_of(agent)
    seen = timezone.localtime().strftime("%Y-%m-%d %H:%M:%S")
    Ticket.objects.get(pk=ids[0])
    missing = bulk(client, "use_macro_on_selected", ids, macro=macro.pk, sends="on", seen_at=seen)
    assert len(missing.context["form"].preview.refused) == 2
    later = timezone.localtime(timezone.now() + timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S")
    given = {"macro": plain.pk, "sends": "on", "seen_at": later}
    asked = bulk(client, "use_macro_on_selected", ids, **given)
    assert (MacroUse.objects.count(), Outgoing.objects.count(), asked.context["form"].preview.done) == (0, 0, 2)
    for _press in range(2):
        bulk(client, "use_macro_on_selected", ids, key="a" * 32, tried=sign_of(asked), **given)
    assert (MacroUse.objects.count(), Outgoing.objects.count()) == (2, 2)


def test_giving_many_is_for_who_directs():
    agent, lead, ids = make_agent(), make_lead(), [make_ticket().pk, make_ticket().pk]
    assert bulk(client_of(agent), "assign_selected", ids, assignee=agent.pk).status_code == 403
    asked = bulk(client_of(lead), "assign_selected", ids, assignee=agent.pk)
    bulk(client_of(lead), "assign_selected", ids, assignee=agent.pk, tried=sign_of(asked))
    assert Ticket.objects.filter(assignee=agent).count() == 2


def test_the_inbox_has_the_buttons_and_takes_people_back_to_their_view():
    agent, ticket = make_agent(), make_ticket()
    client = client_of(agent)
    page = client.get(INBOX, {"view": "open"}).content.decode()
    assert f'value="{ticket.pk}" data-pick' in page
    assert reverse("admin:service_ticket_bulk", args=["snooze_selected"]) in page
    assert reverse("admin:service_ticket_bulk", args=["assign_selected"]) not in page  # who directs has it
    asked = bulk(client, "tag_selected", [ticket.pk], adds="vip", removes="")
    url = reverse("admin:service_ticket_bulk", args=["tag_selected"])
    given = {"_selected": ticket.pk, "adds": "vip", "removes": "", "tried": sign_of(asked)}
    inbox = "/admin/inbox/?view=open&page=2"
    for key, here, leads_to in (("b", inbox, inbox), ("c", "https://x.example/?view=1", "/admin/service/ticket/")):
        headers = {"HX-Request": "true", "HX-Current-URL": here}
        done = client.post(url, {"_key": key * 32, **given}, headers=headers)
        assert done["HX-Redirect"] == leads_to
    assert client_of(make_user(permissions=["service.view_ticket"])).get(INBOX, {"view": "all"}).context["bulk"] == []
