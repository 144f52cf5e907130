"""From the draft to the approval: two people, comments at fields, and nothing that the reviewer has not seen."""

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Product, Review, ReviewComment, Variant
from catalog.selectors import changed_since_last_round, people_involved
from catalog.services import (
    approve_product,
    content_changed,
    request_changes,
    resolve_comment,
    submit_product,
    submit_products,
    withdraw_product,
)
from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import sentences_of
from core.models import EventRecord
from staff.models import Notification
from tests.catalog.making import make_author, make_draft, make_reviewer
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_author(username="author")


@pytest.fixture
def reviewer():
    return make_reviewer(username="reviewer")


@pytest.fixture
def draft(author):
    return make_draft(author=author)


def history():
    return sentences_of(list(EventRecord.objects.order_by("id")))


def state_of(product):
    return Product.objects.values_list("status", flat=True).get(pk=product.pk)


def told():
    rows = Notification.objects.order_by("pk")
    return [(row.user.username, row.topic, row.read_at is not None) for row in rows.select_related("user")]


def test_a_product_goes_through_two_rounds_to_its_approval(draft, author, reviewer):
    first = submit_product(product_id=draft.pk, actor=author)
    assert state_of(draft) == "in_review"
    assert told() == [("reviewer", "review_asked", False)]

    request_changes(
        product_id=draft.pk,
        review_id=first.pk,
        comments=[("name", "Leave the brand out"), ("prices", ""), ("pictures", "White background")],
        note="Nearly there",
        actor=reviewer,
    )
    assert state_of(draft) == "changes_requested"
    comments = list(ReviewComment.objects.order_by("pk"))
    assert [(each.field, each.text, each.author) for each in comments] == [
        ("name", "Leave the brand out", reviewer),
        ("pictures", "White background", reviewer),
    ]
    assert told() == [("reviewer", "review_asked", True), ("author", "changes_requested", False)]

    content_changed(product_ids=[draft.pk], parts=["name", "pictures"], actor=author)
    assert state_of(draft) == "changes_requested"
    with pytest.raises(InvalidInput, match="2 comments of the reviewer are open"):
        submit_product(product_id=draft.pk, actor=author)
    for comment in comments:
        resolve_comment(comment_id=comment.pk, actor=author)
    second = submit_product(product_id=draft.pk, actor=author)
    assert [(change.part, [str(user) for user in change.by]) for change in changed_since_last_round(draft.pk)] == [
        ("name", ["author"]),
        ("pictures", ["author"]),
    ]
    approve_product(product_id=draft.pk, review_id=second.pk, note="Fine", actor=reviewer)

    assert state_of(draft) == "approved"
    assert list(Review.objects.order_by("pk").values_list("verdict", "note")) == [
        ("changes_requested", "Nearly there"),
        ("approved", "Fine"),
    ]
    assert history() == [
        "Submitted for review",
        "Changes requested: Name, Pictures",
        "Changed: Name, Pictures",
        "Submitted for review (round 2)",
        "Approved: Fine",
    ]
    assert told()[-1] == ("author", "approved", False)


@pytest.mark.parametrize("role", ["author", "submitter", "editor"])
def test_whoever_had_a_hand_in_it_does_not_approve_it(role):
    people = {name: make_reviewer(username=name) for name in ("author", "submitter", "editor", "other")}
    product = make_draft(author=people["author"])
    content_changed(product_ids=[product.pk], parts=["name"], actor=people["editor"])
    review = submit_product(product_id=product.pk, actor=people["submitter"])
    assert people_involved(product) == {people[name].pk for name in ("author", "submitter", "editor")}
    before = EventRecord.objects.count()

    for decide in (
        lambda: approve_product(product_id=product.pk, review_id=review.pk, actor=people[role]),
        lambda: request_changes(product_id=product.pk, review_id=review.pk, comments=[("", "No")], actor=people[role]),
    ):
        with pytest.raises(NotAllowed, match="Nobody approves"), transaction.atomic():
            decide()

    assert (state_of(product), EventRecord.objects.count()) == ("in_review", before)
    assert told() == [("other", "review_asked", False)]
    approve_product(product_id=product.pk, review_id=review.pk, actor=people["other"])


def test_whoever_changed_it_before_the_last_approval_may_judge_the_next_one(draft, author, reviewer):
    editor = make_reviewer(username="editor")
    content_changed(product_ids=[draft.pk], parts=["name"], actor=editor)
    review = submit_product(product_id=draft.pk, actor=author)
    approve_product(product_id=draft.pk, review_id=review.pk, actor=reviewer)
    content_changed(product_ids=[draft.pk], parts=["prices"], actor=author)
    again = submit_product(product_id=draft.pk, actor=author)
    assert people_involved(draft) == {author.pk}
    approve_product(product_id=draft.pk, review_id=again.pk, actor=editor)
    assert state_of(draft) == "approved"


def test_a_change_takes_the_approval_back(draft, author, reviewer):
    review = submit_product(product_id=draft.pk, actor=author)
    approve_product(product_id=draft.pk, review_id=review.pk, actor=reviewer)
    live = make_draft(status="active")

    assert content_changed(product_ids=[draft.pk, live.pk], parts=["prices"], actor=reviewer) == [draft.pk]

    assert (state_of(draft), state_of(live)) == ("draft", "active")
    assert history()[-2:] == ["Changed after the approval: Prices. It is a draft again.", "Changed: Prices"]


def test_a_change_during_the_review_withdraws_it(draft, author, reviewer):
    review = submit_product(product_id=draft.pk, actor=author)
    content_changed(product_ids=[draft.pk], parts=["texts_ko"], actor=author)
    assert state_of(draft) == "draft"
    review.refresh_from_db()
    assert (review.verdict, review.decided_by) == ("withdrawn", author)
    assert told() == [("reviewer", "review_asked", True)]
    assert history()[-1] == "Changed during the review: Text in Korean. It is a draft again."
    with pytest.raises(InvalidTransition, match="not in review any more"):
        approve_product(product_id=draft.pk, review_id=review.pk, actor=reviewer)


def test_one_sitting_is_one_line_of_history(draft, author, reviewer):
    for _ in range(3):
        content_changed(product_ids=[draft.pk], parts=["name"], actor=author)
    content_changed(product_ids=[draft.pk], parts=["name"], actor=reviewer)
    assert history() == ["Changed: Name", "Changed: Name"]


def test_what_was_handed_in_again_is_looked_at_again(draft, author, reviewer):
    seen = submit_product(product_id=draft.pk, actor=author)
    withdraw_product(product_id=draft.pk, actor=author)
    newer = submit_product(product_id=draft.pk, actor=author)
    with pytest.raises(Conflict, match="handed in again"):
        approve_product(product_id=draft.pk, review_id=seen.pk, actor=reviewer)
    assert (state_of(draft), Review.objects.get(pk=newer.pk).verdict) == ("in_review", "waiting")


def test_refusals_change_nothing(draft, author, reviewer):
    with pytest.raises(NotAllowed):
        submit_product(product_id=draft.pk, actor=make_user())
    with pytest.raises(InvalidTransition):
        withdraw_product(product_id=draft.pk, actor=author)
    Variant.objects.update(is_active=False)
    with pytest.raises(InvalidTransition, match="no active variant"):
        submit_product(product_id=draft.pk, actor=author)
    Variant.objects.update(is_active=True)
    assert (state_of(draft), EventRecord.objects.count(), Review.objects.count()) == ("draft", 0, 0)

    review = submit_product(product_id=draft.pk, actor=author)
    key = {"product_id": draft.pk, "review_id": review.pk}
    with pytest.raises(InvalidTransition):
        submit_product(product_id=draft.pk, actor=author)
    for error, comments, who in (
        (InvalidInput, [], reviewer),
        (InvalidInput, [("name", "  ")], reviewer),
        (InvalidInput, [("colour", "Red")], reviewer),
        (InvalidInput, [("name", "x" * 501)], reviewer),
        (NotAllowed, [("name", "x")], author),
    ):
        with pytest.raises(error), transaction.atomic():
            request_changes(**key, comments=comments, actor=who)
    with pytest.raises(NotAllowed, match="may not approve"):
        approve_product(**key, actor=make_user())
    assert (state_of(draft), EventRecord.objects.count(), ReviewComment.objects.count()) == ("in_review", 1, 0)


def test_a_comment_is_ticked_and_opened_again(draft, author, reviewer):
    review = submit_product(product_id=draft.pk, actor=author)
    request_changes(product_id=draft.pk, review_id=review.pk, comments=[("", "Look again")], actor=reviewer)
    pk = ReviewComment.objects.get().pk
    done = resolve_comment(comment_id=pk, actor=author)
    assert (done.done_by, done.done_at is not None) == (author, True)
    assert resolve_comment(comment_id=pk, actor=reviewer).done_by == author
    assert resolve_comment(comment_id=pk, is_done=False, actor=author).done_at is None
    with pytest.raises(NotAllowed):
        resolve_comment(comment_id=pk, actor=make_user())
    with pytest.raises(Conflict):
        resolve_comment(comment_id=pk + 1, actor=author)
    resolve_comment(comment_id=pk, actor=author)
    submit_product(product_id=draft.pk, actor=author)
    with pytest.raises(InvalidTransition):
        resolve_comment(comment_id=pk, is_done=False, actor=author)


def test_many_drafts_are_handed_in_at_once(author):
    drafts = [make_draft(author=author) for _ in range(2)]
    live = make_draft(status="active")
    batch = submit_products(product_ids=[live.pk, *(draft.pk for draft in drafts)], actor=author)
    assert batch.done == [draft.pk for draft in drafts]
    assert [code for code, _reason in batch.refused] == [live.code]


def test_the_database_knows_of_two_people(draft, author, reviewer):
    review = submit_product(product_id=draft.pk, actor=author)
    for change, constraint in (
        ({"verdict": "approved", "decided_by": author}, "catalog_review_two_people"),
        ({"verdict": "perhaps"}, "catalog_review_verdict_valid"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(**change)
    with pytest.raises(IntegrityError, match="catalog_review_one_waiting"), transaction.atomic():
        Review.objects.create(product=draft)
