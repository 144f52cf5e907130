"""The demo's day at the desk: through the services, whatever orders there are."""

import pytest
from django.utils import timezone

from backoffice.demo.desk_day import spend_day
from backoffice.demo.giving_out import give_out
from backoffice.demo.macros import use_macros
from core.models import SavedView
from core.verify import verify
from service.models import AnswerFileVersion, Assignment, CouponCode, Inlet, Outgoing, ReplyApproval, Ticket
from service.selectors.saved import condition_of
from tests.factories import make_customer, make_user
from tests.service.making import WORK, make_inlet, make_ticket

pytestmark = pytest.mark.django_db


def test_the_desk_keeps_files_lets_answers_wait_and_puts_tickets_aside() -> None:
    rights = [
        *WORK,
        "service.direct_ticket",
        "service.change_answerfile",
        "service.change_coupon",
        "service.give_coupon",
        "staff.add_task",
        "core.share_savedview",
    ]
    team = {"cs": make_user(permissions=WORK), "cslead": make_user(permissions=rights)}
    inlet = make_inlet(code="mail-kr")
    for _one in range(12):
        make_ticket(inlet)
    Ticket.objects.filter(pk=Ticket.objects.latest("pk").pk).update(customer=make_customer(), language="ko")
    now = timezone.now()
    use_macros(now=now, team=team)
    assert CouponCode.objects.exclude(ticket=None).count() == 1
    assert spend_day(team=team) == 2
    assert AnswerFileVersion.objects.filter(kind="pdf").count() == 6
    assert ReplyApproval.objects.filter(decision="", writer=team["cs"]).count() == 2
    assert Outgoing.objects.filter(state="awaiting").count() == 2
    assert Ticket.objects.filter(is_snoozed=True).count() >= 2
    assert Inlet.objects.get(pk=inlet.pk).remind_after_days == 5
    view = SavedView.objects.get()
    assert (view.is_shared, condition_of(view.query, team["cs"]) is not None) == (True, True)
    assert [one.invariant.name for one in verify() if not one.holds] == []


def test_tickets_find_their_agents_and_who_is_away_gets_none() -> None:
    director = make_user(permissions=[*WORK, "service.change_assignmentrule"])
    team = {"cs": make_user(permissions=WORK), "cslead": director}
    away, haru = (make_user(username=name, permissions=WORK) for name in ("cs.nari", "cs.haru"))
    japanese, mall = make_inlet(code="mail-jp", language="ja"), make_inlet(code="mall-kr", kind="mall")
    tickets = [make_ticket(inlet) for inlet in (japanese, japanese, japanese, mall, make_inlet(code="mail-kr"))]
    assert give_out(team=team) == 4
    given = {one.ticket_id: one.agent for one in Assignment.objects.select_related("agent")}
    assert {given[one.pk] for one in tickets[:3]} == {team["cs"], haru}
    assert given[tickets[3].pk] == director
    assert away not in given.values()
    assert tickets[4].pk not in given
