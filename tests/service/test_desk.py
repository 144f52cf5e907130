"""The desk: who sees it, who says that somebody is away, who writes rules, and what the previews show."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.services.noting import tag_customer
from service.models import AgentProfile, AgentSearch, AssignmentRule, Team, Ticket
from service.services.assigning import seek_agent
from tests.factories import make_customer, make_user
from tests.service.making import WORK, make_inlet, make_ticket

pytestmark = pytest.mark.django_db

SEES = (*WORK, "service.view_agentprofile", "service.view_assignmentrule")
LEADS = (*SEES, "service.direct_ticket", "service.add_agentprofile", "service.change_agentprofile",
         "service.add_assignmentrule", "service.change_assignmentrule")  # fmt: skip
DESK = "admin:service_desk"
DRAFT = {"name": "Japan", "position": 10, "least_priority": 1, "method": "round_robin", "languages": ["ja"]}


@pytest.fixture
def agent(client):
    user = make_user(permissions=SEES, first_name="Minji", last_name="Kim")
    client.force_login(user)
    AgentProfile.objects.create(user=user, languages=["ko"], skills=["repair"], capacity=4)
    return user


@pytest.fixture
def lead(client):
    user = make_user(permissions=LEADS)
    client.force_login(user)
    return user


def test_the_desk_shows_who_is_here_with_how_much_and_the_rules_in_their_order(client, agent):
    AssignmentRule.objects.create(name="Second", position=2, is_active=True)
    AssignmentRule.objects.create(name="First", position=1, languages=["ja"], method="queue")
    make_ticket()
    mine = make_ticket()
    Ticket.objects.filter(pk=mine.pk).update(assignee=agent)
    answer = client.get(reverse(DESK))
    text = answer.content.decode()
    assert "1 / 4" in text
    assert text.index("First") < text.index("Second")
    assert (answer.context["here"], answer.context["room"], answer.context["waiting"]) == (1, 3, 1)
    assert reverse("admin:service_assignment_rule_new") not in text  # the lead's


def test_one_says_oneself_that_one_is_away_until_when(client, agent):
    client.post(reverse(DESK), {"availability": "paused", "until": ""})
    profile = AgentProfile.objects.get()
    assert (profile.availability, profile.until) == ("paused", None)
    tomorrow = timezone.localtime() + timedelta(days=1)
    client.post(reverse(DESK), {"availability": "away", "until": f"{tomorrow:%Y-%m-%dT%H:%M}"})
    profile.refresh_from_db()
    assert profile.availability == "away"
    assert profile.until == tomorrow.replace(second=0, microsecond=0)
    answer = client.post(reverse(DESK), {"availability": "away", "until": "2020-01-01T00:00"}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["success", "success", "error"]
    assert client.post(reverse(DESK), {"availability": "odd"}).status_code == 400
    assert client.get(reverse(DESK), {"odd": "1"}).status_code == 400


def test_who_only_reads_says_nothing(client):
    client.force_login(make_user(permissions=["service.view_agentprofile"]))
    assert client.get(reverse(DESK)).status_code == 200
    assert client.post(reverse(DESK), {"availability": "away"}).status_code == 403


def test_a_rule_is_tried_and_then_saved(client, lead):
    profile = AgentProfile.objects.create(user=make_user(permissions=WORK, first_name="Hana", last_name="Sato"))
    team = Team.objects.create(name="Japan team")
    team.members.add(profile.user)
    ticket = make_ticket(make_inlet(language="ja"))
    make_ticket(make_inlet(language="ko"))
    url = reverse("admin:service_assignment_rule_new")
    answer = client.post(url, {**DRAFT, "team": team.pk, "skills": "", "command": "preview"})
    context = answer.context
    assert (context["looked_at"], context["given"], context["nobody"]) == (2, 1, 0)
    assert ticket.number in answer.content.decode()
    assert str(profile.user) in answer.content.decode()
    assert not AssignmentRule.objects.exists()
    answer = client.post(url, {**DRAFT, "team": team.pk, "skills": "noshi, repair", "command": "preview"})
    assert (answer.context["given"], answer.context["nobody"]) == (0, 1)
    client.post(url, {**DRAFT, "team": team.pk, "skills": "Noshi", "command": "save"})
    rule = AssignmentRule.objects.get()
    assert (rule.name, rule.team, rule.skills, rule.languages, rule.is_active) == (
        "Japan",
        team,
        ["noshi"],
        ["ja"],
        False,
    )
    assert not rule.returns_to_last
    page = client.get(reverse("admin:service_assignment_rule", args=[rule.pk]))
    assert 'value="noshi"' in page.content.decode()
    assert client.post(url, {**DRAFT, "command": "odd"}).status_code == 400
    again = client.post(url, {**DRAFT, "command": "save"})
    assert again.context["form"].non_field_errors()


def test_an_agent_reads_rules_and_writes_none(client, agent):
    rule = AssignmentRule.objects.create(name="All", is_active=True)
    url = reverse("admin:service_assignment_rule", args=[rule.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {**DRAFT, "command": "save"}).status_code == 403
    assert client.get(reverse("admin:service_assignment_rule_new")).status_code == 403
    rule.refresh_from_db()
    assert rule.name == "All"
    assert client.get(reverse("admin:service_assignment_rule", args=[rule.pk + 1])).status_code == 404


def test_the_preview_says_who_and_why_of_one_ticket(client, agent):
    AssignmentRule.objects.create(name="All", is_active=True)
    ticket = make_ticket(make_inlet(language="ja"))
    url = reverse("admin:service_assignment_preview")
    [row] = client.get(url, {"ticket": ticket.number.lower()}).context["decisions"]
    assert row["agent"] is None
    assert str(agent) in row["passed"]
    AgentProfile.objects.update(languages=["ja"])
    [row] = client.get(url).context["decisions"]
    assert row["agent"] == agent
    assert client.get(url, {"ticket": "Q-99"}).context["decisions"] == []
    assert client.get(url, {"odd": "1"}).status_code == 400


def test_previews_ask_as_often_for_many_tickets_as_for_one(client, agent, django_assert_max_num_queries):
    AssignmentRule.objects.create(name="All", is_active=True)
    for _place in range(12):
        make_ticket()
    with django_assert_max_num_queries(40):
        client.get(reverse("admin:service_assignment_preview"))


def test_a_lead_says_of_an_agent_that_is_away(client, lead):
    profile = AgentProfile.objects.create(user=make_user(permissions=WORK))
    url = reverse("admin:service_agentprofile_press", args=[profile.pk, "set_state"])
    assert client.get(url).status_code == 200
    client.post(url, {"availability": "away", "until": "", "_key": "a" * 32})
    profile.refresh_from_db()
    assert profile.availability == "away"


def test_customers_with_a_tag_are_meant(client, lead):
    profile = AgentProfile.objects.create(user=make_user(permissions=WORK))
    customer = make_customer()
    tag_customer(customer_id=customer.pk, names=["VIP"], actor=None)
    AssignmentRule.objects.create(name="VIP", tag="vip", is_active=True)
    plain, special = make_ticket(), make_ticket()
    Ticket.objects.filter(pk=special.pk).update(customer=customer)
    assert seek_agent(ticket_id=plain.pk) is None
    given = seek_agent(ticket_id=special.pk)
    assert given is not None
    assert given.agent == profile.user
    assert AgentSearch.objects.get().ticket == plain
