"""Surveys: one for each resolution, by a signed address without a person in it, answered once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from service.models import Survey
from service.selectors.satisfaction import satisfaction
from service.services import reopen_ticket, resolve_ticket
from service.services.surveying import survey_token
from service.tasks import send_surveys
from tests.service.making import a_reason, make_agent, make_inlet, make_ticket

pytestmark = pytest.mark.django_db


def settle(**over) -> Survey:
    ticket = make_ticket(**over)
    resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=make_agent())
    Survey.objects.update(due_at=timezone.now())
    return Survey.objects.get(ticket=ticket)


def test_a_survey_leaves_once_and_is_answered_once(client):
    survey = settle()
    assert (send_surveys(), send_surveys()) == (1, 0)
    [sent] = mail.outbox
    path = f"/survey/{survey_token(survey)}/"
    assert path in sent.body
    assert "minjun" not in path
    assert client.get(path).status_code == 200
    assert client.post(path, {"score": "9"}).status_code == 400
    assert client.post(path, {"score": "4", "comment": "Quick."}).status_code == 200
    assert client.post(path, {"score": "1"}).status_code == 200
    survey.refresh_from_db()
    assert (survey.state, survey.score, survey.comment) == ("answered", 4, "Quick.")
    [team] = satisfaction(days=30)["teams"]
    assert (team.asked, team.answered, team.average, team.happy_percent) == (1, 1, "", None)


def test_a_foreign_address_and_a_late_answer_find_nothing(client):
    survey = settle()
    send_surveys()
    assert client.get("/survey/abc:def/").status_code == 404
    assert client.get(f"/survey/{survey.nonce}/").status_code == 404
    Survey.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert client.post(f"/survey/{survey_token(survey)}/", {"score": "5"}).status_code == 410
    survey.refresh_from_db()
    assert (survey.state, survey.score) == ("sent", None)


def test_nobody_is_asked_about_what_was_opened_again_spam_or_the_phone():
    survey = settle()
    reopen_ticket(ticket_id=survey.ticket_id, actor=make_agent())
    assert send_surveys() == 0
    survey.refresh_from_db()
    assert (survey.state, mail.outbox) == ("dropped", [])
    spam = make_ticket()
    resolve_ticket(ticket_id=spam.pk, reason_id=a_reason("nothing-spam"), actor=make_agent())
    call = make_ticket(make_inlet(kind="phone"))
    resolve_ticket(ticket_id=call.pk, reason_id=a_reason(), actor=make_agent())
    assert Survey.objects.count() == 1
