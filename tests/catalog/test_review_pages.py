"""Review on screen: buttons, the page of the reviewer, the author's ticks, tile and badge."""

import re
import uuid

import pytest
from django.test import RequestFactory
from django.urls import reverse

from catalog.admin.review import to_review
from catalog.models import Product, ProductText, Review, ReviewComment
from catalog.services import content_changed, request_changes, submit_product
from tests.admin.pressing import opened, press, press_many, said
from tests.catalog.making import make_author, make_draft, make_reviewer, make_shops

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_author(username="author")


@pytest.fixture
def reviewer():
    return make_reviewer(username="reviewer")


@pytest.fixture
def draft(author):
    product = make_draft(author=author, channels=make_shops(1))
    ProductText.objects.create(
        product=product, language="ko", title="가방", description="<p>큰 <b>가방</b></p><p>가볍다</p>"
    )
    return product


def page(product):
    return reverse("admin:catalog_product_review", args=[product.pk])


def change(product):
    return reverse("admin:catalog_product_change", args=[product.pk])


def state_of(product):
    return Product.objects.values_list("status", flat=True).get(pk=product.pk)


def decision(review, do, **data):
    return {"_key": uuid.uuid4().hex, "review": review.pk, "do": do, **data}


def test_a_draft_is_handed_in_and_taken_back_by_buttons(client, draft, author):
    client.force_login(author)
    assert said(press(client, draft, "submit")) == [f"{draft.name} waits for its reviewer."]
    assert state_of(draft) == "in_review"
    assert said(press(client, draft, "withdraw"))[-1:] == [f"{draft.name} is a draft again."]
    assert said(press_many(client, Product, "submit_selected", [draft.pk]))[-1:] == ["1 done"]
    assert state_of(draft) == "in_review"


def test_the_reviewer_reads_every_part_and_approves_once(client, draft, author, reviewer):
    review = submit_product(product_id=draft.pk, actor=author)
    client.force_login(reviewer)
    shown = client.get(page(draft)).content.decode()
    for words in ("가방", "큰 가방\n가볍다", draft.code, draft.variants.get().sku, "Nothing is written here."):
        assert words in shown
    assert "10,000" not in shown  # prices are for who may see them

    data = decision(review, "approve", note="Fine")
    assert client.post(page(draft), data).url == change(draft)
    assert (state_of(draft), Review.objects.get().note) == ("approved", "Fine")
    assert client.post(page(draft), data).url == change(draft)
    assert Review.objects.count() == 1


def test_comments_come_back_to_the_author_and_are_ticked(client, draft, author, reviewer):
    review = submit_product(product_id=draft.pk, actor=author)
    client.force_login(reviewer)
    client.post(
        page(draft), decision(review, "request", comment_name="Leave the brand out", comment_="Again", note="x")
    )
    assert [(row.field, row.text) for row in ReviewComment.objects.order_by("pk")] == [
        ("name", "Leave the brand out"),
        ("", "Again"),
    ]

    client.force_login(author)
    shown = client.get(change(draft)).content.decode()
    assert shown.count("Leave the brand out") == 3  # in the list, at its tick, and beside the field
    assert "2 comments are open" in shown
    for row in ReviewComment.objects.all():
        url = reverse("admin:catalog_comment_done", args=[row.pk])
        assert client.post(url, {"done": "1"}).url == f"{change(draft)}#panel-comments"
    assert "All is done: submit the product again." in client.get(change(draft)).content.decode()
    press(client, draft, "submit")
    assert state_of(draft) == "in_review"
    client.force_login(reviewer)
    assert "done by author" in client.get(page(draft)).content.decode()


def test_a_refused_decision_keeps_what_was_written(client, draft, author, reviewer):
    review = submit_product(product_id=draft.pk, actor=author)
    client.force_login(reviewer)
    answer = client.post(page(draft), decision(review, "request", comment_name="x" * 501, note="Look"))
    shown = answer.content.decode()
    assert (answer.status_code, "x" * 501 in shown, 'value="Look"' in shown) == (200, True, True)
    assert (state_of(draft), ReviewComment.objects.count()) == ("in_review", 0)
    assert "Write at least one comment" in client.post(page(draft), decision(review, "request")).content.decode()
    for odd in ({"do": "steal", "review": review.pk}, {"do": "approve", "review": "x"}):
        assert client.post(page(draft), {"_key": uuid.uuid4().hex, **odd}).status_code == 400


def test_whoever_may_not_decide_reads_why(client, draft, author):
    submit_product(product_id=draft.pk, actor=author)
    client.force_login(author)
    shown = client.get(page(draft)).content.decode()
    assert "You may not approve products." in shown
    assert 'value="approve"' not in shown
    assert client.get(page(draft).replace(str(draft.pk), "999999")).status_code == 404


def test_what_changed_since_the_last_round_is_marked(client, draft, author, reviewer):
    review = submit_product(product_id=draft.pk, actor=author)
    request_changes(product_id=draft.pk, review_id=review.pk, comments=[("name", "Shorter")], actor=reviewer)
    content_changed(product_ids=[draft.pk], parts=["name"], actor=author)
    ReviewComment.objects.update(done_at="2026-01-01T00:00Z", done_by=author)
    submit_product(product_id=draft.pk, actor=author)
    client.force_login(reviewer)
    shown = client.get(page(draft)).content.decode()
    assert "Changed since the last round:" in shown
    assert re.findall(r'review-part changed" id="part-(\w+)"', shown) == ["name"]


def test_saving_the_form_takes_the_approval_back_and_says_so(client, author):
    product = make_draft(author=author, status="approved")
    client.force_login(author)
    data = {
        **opened(client, product), "code": product.code, "name": "New name", "brand": "", "maker": "", "tags": "a, b",
        "age_limit": "0", "expiry_kind": "none", "shelf_life_days": "",
    }  # fmt: skip
    answer = client.post(change(product), data)
    assert answer.status_code == 302, answer.context_data["adminform"].form.errors
    assert "The product was in review or approved: it is a draft again." in said(answer)
    product.refresh_from_db()
    assert (product.status, product.name, product.tags) == ("draft", "New name", ["a", "b"])


def test_tile_and_badge_name_what_waits(client, draft, author, reviewer):
    request = RequestFactory().get("/")
    request.user = reviewer
    assert to_review(request).rows == []
    submit_product(product_id=draft.pk, actor=author)
    [row] = to_review(request).rows
    assert (row.title, row.url) == (draft.name, page(draft))
