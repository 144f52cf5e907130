"""Articles that fit while one answers: published, in the ticket's language, nothing internal goes into an answer."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from knowledge.models import Article
from knowledge.services import draft_article, publish_edition
from service.models import Ticket
from tests.factories import make_user
from tests.service.making import WORK, make_ticket

pytestmark = pytest.mark.django_db


def publish(code, title, body="Text.", *, audience="public", language="en", is_published=True):
    article, _new = Article.objects.get_or_create(code=code, defaults={"audience": audience})
    draft = draft_article(article_id=article.pk, language=language, title=title, body=body, actor=None)
    if is_published:
        publish_edition(edition_id=draft.pk, actor=None)


def ask(client, ticket, body=""):
    return client.post(reverse("admin:service_articles", args=[ticket.pk]), {"body": body}).content.decode()


@pytest.fixture
def agent(client):
    user = make_user(permissions=WORK)
    client.force_login(user)
    return user


def test_what_the_customer_wrote_and_what_is_typed_find_articles(client, agent, settings):
    settings.PUBLIC_URL = "https://shop.example/"
    publish("parcel", "Where your parcel is", "Open the list of your orders.")
    publish("size", "Exchange for another size")
    publish("parcel-ko", "택배 위치 확인", language="ko")
    publish("draft", "Where is my parcel, draft", is_published=False)
    ticket = make_ticket(subject="My order", body="Where is my parcel?", language="en")
    text = ask(client, ticket)
    assert "Where your parcel is" in text
    assert "https://shop.example/help/parcel/?lang=en" in text
    assert "Open the list of your orders." in text
    assert not any(word in text for word in ("another size", "택배", "draft"))
    assert "Exchange for another size" in ask(client, ticket, "We gladly exchange it for another size")


def test_what_is_for_colleagues_is_named_and_never_put_into_an_answer(client, agent):
    publish("secret", "Where is my parcel: what we check", "The password of the depot.", audience="internal")
    text = ask(client, make_ticket(body="Where is my parcel?", language="en"))
    assert "what we check" in text
    assert "data-insert" not in text
    assert "password" not in text


def test_it_asks_little_and_only_for_who_answers(client, agent):
    publish("parcel", "Where your parcel is")
    ticket = make_ticket(body="Where is my parcel?", language="en")
    ask(client, ticket)
    with CaptureQueriesContext(connection) as asked:
        ask(client, ticket, "parcel")
    assert len(asked) <= 7, [one["sql"][:90] for one in asked]
    url = reverse("admin:service_articles", args=[ticket.pk])
    assert client.get(url).status_code == 405
    assert client.post(reverse("admin:service_articles", args=[0])).status_code == 404
    client.force_login(make_user(permissions=["service.view_ticket"]))
    assert client.post(url).status_code == 403
    assert Ticket.objects.get().version == ticket.version
