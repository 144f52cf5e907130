"""Reviews come in once, are answered, become tickets, and are hidden for a lawful reason by two people only."""

import csv
import lzma
from pathlib import Path

import pytest
from django.db import connection

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.verify import verify
from service.models import Ticket
from tests.factories import make_channel, make_user
from tests.service.making import a_reason, make_inlet
from voice.importing import stars_of
from voice.models import Hiding, HidingGround, Review
from voice.services import (
    GivenReview,
    answer_review,
    ask_hiding,
    decide_hiding,
    lift_hiding,
    mark_answers_public,
    open_review_ticket,
    seed_hiding_grounds,
    sort_review,
    take_reviews,
)

pytestmark = pytest.mark.django_db
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "reviews"


def take(rating=1, **over) -> Review:
    row = GivenReview(**{"external_id": "r1", "rating": rating, "body": "색이 달라요", **over})
    [(review, _new)] = take_reviews(sales_channel_id=over.pop("channel", make_channel().pk), rows=[row])
    return review


def test_a_review_is_taken_once():
    channel = make_channel()
    rows = [GivenReview(external_id=number, rating=5, body="좋아요") for number in ("a", "b", "a")]
    assert [new for _row, new in take_reviews(sales_channel_id=channel.pk, rows=rows)] == [True, True, False]
    assert [new for _row, new in take_reviews(sales_channel_id=channel.pk, rows=rows)] == [False, False, False]
    assert Review.objects.count() == 2
    with pytest.raises(InvalidInput):
        take_reviews(sales_channel_id=channel.pk, rows=[GivenReview(external_id="c", rating=6)])


@pytest.mark.parametrize(
    ("text", "stars"),
    [("5", 5), ("4.0", 4), ("★★★☆☆", 3), ("80", 4), ("20", 1), ("3점", 3), ("", None), ("4.5", None), ("7", None)],
)
def test_stars_are_read_as_malls_write_them(text, stars):
    assert stars_of(text) == stars


def test_an_answer_is_owed_until_the_channel_has_it():
    agent = make_user(permissions=["voice.answer_review"])
    review = take()
    with pytest.raises(NotAllowed):
        answer_review(review_id=review.pk, body="Sorry", actor=make_user())
    answer_review(review_id=review.pk, body="죄송합니다.", actor=agent)
    assert (mark_answers_public(review_ids=[review.pk], actor=agent), review.reply.__class__.objects.count()) == (1, 1)
    assert mark_answers_public(review_ids=[review.pk], actor=agent) == 0
    with pytest.raises(Conflict):
        answer_review(review_id=review.pk, body="Again", actor=agent)


def test_a_review_becomes_one_ticket_with_its_reason():
    review = take()
    with pytest.raises(InvalidInput):
        open_review_ticket(review_id=review.pk, actor=None)
    make_inlet(kind="mall", sales_channel=review.sales_channel)
    sort_review(review_id=review.pk, reason_id=a_reason("product-described"), actor=None)
    first = open_review_ticket(review_id=review.pk, actor=None).ticket
    assert open_review_ticket(review_id=review.pk, actor=None).ticket == first
    first.refresh_from_db()
    assert (Ticket.objects.count(), first.reason.code, first.tags) == (1, "product-described", ["review"])


def test_two_people_and_a_lawful_reason_hide_and_one_shows_again():
    rights = ["voice.ask_hiding", "voice.decide_hiding"]
    one, other = make_user(permissions=rights), make_user(permissions=rights)
    seed_hiding_grounds()
    review, ground = take(), HidingGround.objects.get(code="personal-data")
    with pytest.raises(InvalidInput):
        ask_hiding(review_id=review.pk, ground_id=ground.pk, evidence=" ", actor=one)
    hiding = ask_hiding(review_id=review.pk, ground_id=ground.pk, evidence="A phone number.", actor=one)
    with pytest.raises(Conflict):
        ask_hiding(review_id=review.pk, ground_id=ground.pk, evidence="Again.", actor=other)
    with pytest.raises(NotAllowed):
        decide_hiding(hiding_id=hiding.pk, is_hidden=True, actor=one)
    with pytest.raises(InvalidInput):
        decide_hiding(hiding_id=hiding.pk, is_hidden=False, actor=other)
    assert Review.objects.get(pk=review.pk).state == "shown"
    decide_hiding(hiding_id=hiding.pk, is_hidden=True, actor=other)
    with pytest.raises(InvalidTransition):
        decide_hiding(hiding_id=hiding.pk, is_hidden=True, actor=other)
    [sound] = verify(names=["voice.hidden_by_two"])
    assert (Review.objects.get(pk=review.pk).state, sound.holds) == ("hidden", True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE voice_review SET state = 'shown'")
    [broken] = verify(names=["voice.hidden_by_two"])
    assert not broken.holds
    lift_hiding(hiding_id=hiding.pk, actor=other)
    assert (Review.objects.get(pk=review.pk).state, Hiding.objects.get().state) == ("shown", "lifted")


@pytest.mark.skipif(not REAL.exists(), reason="the real reviews are not on this machine")
def test_real_korean_reviews_are_taken_and_low_ones_found():
    with lzma.open(REAL / "oliveyoung_reviews_ko_dev.csv.xz", "rt", encoding="utf-8") as file:
        rows = [
            GivenReview(
                external_id=str(place),
                rating=stars_of(row["rating_pct"]),
                body=row["review"],
                product_code=row["goodsNo"],
            )
            for place, row in enumerate(csv.DictReader(file))
        ]
    taken = take_reviews(sales_channel_id=make_channel().pk, rows=rows)
    assert len(taken) == len(rows) == Review.objects.count()
    low = Review.objects.low().to_answer()
    assert low.count() == sum(row.rating <= 2 for row in rows) > 0
    assert set(Review.objects.values_list("language", flat=True)) <= {"ko", "en"}
