"""Reviews come in by files of any mall: seen before, each once, and then worked through; real ones too."""

import csv
import io
import itertools
import lzma
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from core.errors import InvalidInput, NotAllowed
from core.imports.running import run_import
from core.imports.selectors import outcome_counts
from core.imports.services import preview, start_import, upload_file
from core.models import ImportBatch
from tests.catalog.making import make_variant
from tests.factories import make_channel, make_user
from tests.service.making import a_reason, make_inlet
from voice.models import Review
from voice.selectors.voices import voices
from voice.services import answer_review, count_voice, open_review_ticket, sort_review

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "reviews"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data of reviews is not here")


def upload(content, channel, name="reviews.csv"):
    boss = make_user(is_superuser=True)
    options = {"sales_channel": channel.pk}
    return upload_file(target="voice.reviews", file=ContentFile(content, name=name), options=options, actor=boss), boss


def bring(content, channel, **more):
    batch, boss = upload(content, channel, **more)
    start_import(batch_id=batch.pk, actor=boss)
    run_import(batch_id=batch.pk)
    return {str(name): count for name, count in outcome_counts(batch).items() if count}


def part_of(name, rows):
    """Return the first rows of a real file, as a file of its own."""
    text = io.StringIO()
    with lzma.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        csv.writer(text).writerows(itertools.islice(csv.reader(file), rows + 1))
    return text.getvalue().encode()


def test_a_mall_file_is_taken_once_and_rows_without_stars_are_refused():
    channel, variant = make_channel(), make_variant()
    file = (
        "리뷰번호,상품번호,평점,리뷰내용,작성일\n"
        f"1,{variant.sku},5,좋아요,2026-03-01 10:00\n"
        f"2,{variant.sku},★☆☆☆☆,한 번 빨았더니 터졌어요,2026-03-02\n"
        "3,X-1,,별점이 없어요,2026-03-03\n"
    ).encode("cp949")
    assert bring(file, channel) == {"created": 2, "refused": 1}
    assert bring(file, channel) == {"unchanged": 2, "refused": 1}
    low = Review.objects.get(rating=1)
    assert (low.external_id, low.product, low.variant, low.language) == ("2", variant.product, variant, "ko")


def test_customers_who_wrote_the_same_are_two_reviews_and_the_file_again_adds_none(monkeypatch):
    channel, variant = make_channel(), make_variant()
    same = f"{variant.sku},5,Good,2026-03-01\n"
    head, other = "sku,stars,review,date\n", f"{variant.sku},4,Fine,2026-03-01\n"
    file = (head + same + same + other + f"{variant.sku},9,Odd,2026-03-01\n" + same).encode()
    assert bring(file, channel) == {"created": 4, "refused": 1}
    assert sorted(Review.objects.values_list("body", flat=True)) == ["Fine", "Good", "Good", "Good"]
    assert bring(file, channel) == {"unchanged": 4, "refused": 1}
    monkeypatch.setattr("core.imports.staging.CHUNK_ROWS", 1)  # each row is a transaction: counted all the same
    assert bring(file, channel) == {"unchanged": 4, "refused": 1}
    assert bring(file, make_channel()) == {"created": 4, "refused": 1}
    assert bring(head.encode() + same.encode() * 4, channel) == {"created": 1, "unchanged": 3}
    assert Review.objects.filter(sales_channel=channel).count() == 5


def test_a_file_needs_its_sales_channel_and_the_right():
    file = ContentFile(b"review_id,stars\n1,5\n", name="reviews.csv")
    for actor, options, refusal in (
        (make_user(is_superuser=True), {}, InvalidInput),
        (make_user(permissions=["voice.view_review"]), {"sales_channel": make_channel().pk}, NotAllowed),
    ):
        with pytest.raises(refusal):
            upload_file(target="voice.reviews", file=file, options=options, actor=actor)
    assert not ImportBatch.objects.exists()


@needs_data
def test_real_english_reviews_are_imported_and_worked_through():
    channel = make_channel()
    file = part_of("womens_clothing_ecommerce_reviews.csv.xz", 400)
    batch, boss = upload(file, channel)
    assert preview(batch_id=batch.pk, actor=boss) is not None
    outcomes = bring(file, channel)
    with io.StringIO(file.decode()) as text:
        rows = list(csv.DictReader(text))
    # the file has no numbers: rows that say the very same about the same product are still as many reviews
    told = {(row["Clothing ID"], row["Rating"], row["Title"], row["Review Text"]) for row in rows}
    assert outcomes == {"created": 400}
    assert Review.objects.count() == len(rows) == 400 > len(told)
    assert bring(file, channel) == {"unchanged": 400}
    assert Review.objects.low().count() == sum(int(row["Rating"]) <= 2 for row in rows)
    make_inlet(kind="mall", sales_channel=channel)
    worst = Review.objects.to_answer().order_by("rating", "pk")
    first, second = worst[0], worst[1]
    sort_review(review_id=first.pk, reason_id=a_reason("product-size"), actor=None)
    assert open_review_ticket(review_id=first.pk, actor=None).ticket.language == "en"
    answer_review(review_id=second.pk, body="We are sorry.", actor=None)
    assert not Review.objects.to_answer().filter(pk__in=[first.pk, second.pk]).exists()
    count_voice()
    counted = sum(row.reviews for row in voices(grain="channel", days=28))
    assert counted == Review.objects.low().count() - 1  # the one with a ticket counts there, once it is settled


@needs_data
def test_real_korean_reviews_are_imported_with_stars_as_percentages():
    outcomes = bring(part_of("oliveyoung_reviews_ko_dev.csv.xz", 300), make_channel())
    assert set(outcomes) <= {"created", "unchanged"}
    assert Review.objects.count() == outcomes["created"]
    assert set(Review.objects.values_list("rating", flat=True)) <= {1, 2, 3, 4, 5}
    assert set(Review.objects.values_list("language", flat=True)) <= {"ko", "en"}
    assert not Review.objects.exclude(product=None).exists()  # codes of a shop that is not ours stay as text
    assert not Review.objects.filter(product_code="").exists()
