"""Registration as work: a task without a product, its draft, and how the task follows the review."""

import pytest
from django.urls import reverse

from catalog.models import Product
from catalog.services import (
    approve_product,
    content_changed,
    draft_for_task,
    list_product,
    request_changes,
    submit_product,
    withdraw_product,
)
from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.verify import verify
from staff.models import Notification, Task
from staff.services import assign_task, claim_task, link_subject
from tests.admin.pressing import press, said
from tests.catalog.making import make_approved, make_shops
from tests.factories import make_user
from tests.staff.making import make_colleague, make_task
from tests.staff.proofing import make_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return make_colleague("ec_manager")


@pytest.fixture
def worker():
    return make_colleague("merchandiser")


@pytest.fixture
def task(manager):
    return make_task(by=manager, kind="product_registration", title="Linen bag", checklist=["Pictures", "Call Kim"])


def status(task):
    return Task.objects.values_list("status", flat=True).get(pk=task.pk)


def test_a_task_is_answered_with_a_draft_once(task, worker):
    claim_task(task_id=task.pk, actor=worker)
    product = draft_for_task(task_id=task.pk, code="BAG-1", name=" Linen bag ", actor=worker)
    again = draft_for_task(task_id=task.pk, code="BAG-2", name="Other", actor=worker)
    task.refresh_from_db()
    assert (again, Product.objects.count()) == (product, 1)
    assert (product.name, product.author, product.status) == ("Linen bag", worker, "draft")
    assert list(product.variants.values_list("sku", flat=True)) == ["BAG-1"]
    assert (task.subject_id, task.subject_label) == (product.pk, "Linen bag")


def test_a_draft_that_cannot_be_made_leaves_the_task_alone(task, worker, manager):
    other = make_task(by=manager, kind="general")
    Product.objects.create(code="TAKEN", name="Taken")
    for error, over in (
        (InvalidInput, {"code": " "}),
        (InvalidInput, {"name": ""}),
        (Conflict, {"code": "TAKEN"}),
        (NotAllowed, {"actor": make_user()}),
        (InvalidTransition, {"task_id": other.pk}),
    ):
        with pytest.raises(error):
            draft_for_task(**{"task_id": task.pk, "code": "BAG", "name": "Bag", "actor": worker, **over})
    task.refresh_from_db()
    assert (task.subject_id, Product.objects.count()) == (None, 1)
    draft_for_task(task_id=task.pk, code="BAG", name="Bag", actor=worker)
    with pytest.raises(InvalidTransition, match="about “Bag” already"):
        link_subject(task_id=task.pk, subject=Product.objects.get(code="TAKEN"))


def test_the_task_follows_the_product_to_the_shop(task, worker, manager):
    [shop] = make_shops(1)
    claim_task(task_id=task.pk, actor=worker)
    product = draft_for_task(task_id=task.pk, code="BAG", name="Bag", actor=worker)
    assert status(task) == "assigned"
    review = submit_product(product_id=product.pk, actor=worker)
    assert status(task) == "in_review"
    withdraw_product(product_id=product.pk, actor=worker)
    assert status(task) == "in_progress"
    review = submit_product(product_id=product.pk, actor=worker)
    request_changes(product_id=product.pk, review_id=review.pk, comments=[("name", "Longer")], actor=manager)
    task.refresh_from_db()
    assert (task.status, task.round_count) == ("changes_requested", 1)

    Product.objects.update(image_path="products/none.png")
    review.comments.update(done_at="2026-01-01T00:00Z", done_by=worker)
    product.variants.get().prices.create(sales_channel=shop, currency="KRW", amount=1000)
    review = submit_product(product_id=product.pk, actor=worker)
    approve_product(product_id=product.pk, review_id=review.pk, actor=manager)
    assert status(task) == "delivered"
    list_product(product_id=product.pk, sales_channel_id=shop.pk, actor=worker)
    assert status(task) == "live"
    assert Notification.objects.filter(user=manager, topic="delivered", subject_id=task.pk).count() == 0  # his own act
    assert Notification.objects.filter(user=worker, topic="delivered", subject_id=task.pk).count() == 1


def test_whoever_hands_the_product_in_has_the_task(task, worker):
    product = draft_for_task(task_id=task.pk, code="BAG", name="Bag", actor=worker)
    assert status(task) == "submitted"
    submit_product(product_id=product.pk, actor=worker)
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("in_review", worker)
    content_changed(product_ids=[product.pk], parts=["name"], actor=worker)
    assert status(task) == "in_progress"


def test_what_is_in_order_is_ticked_and_the_rest_is_left_to_people(task, worker):
    make_shops(1)
    product = draft_for_task(task_id=task.pk, code="BAG", name="Bag", actor=worker)
    ticked = task.checklist.filter(done_at__isnull=False)
    assert list(ticked) == []
    Product.objects.update(image_path="products/none.png")
    content_changed(product_ids=[product.pk], parts=["pictures"], actor=worker)
    assert [line.own_text for line in ticked.all()] == ["Pictures"]


def test_a_task_on_hold_or_done_is_left_alone(task, worker, manager):
    product = draft_for_task(task_id=task.pk, code="BAG", name="Bag", actor=worker)
    assign_task(task_id=task.pk, assignee_id=worker.pk, actor=manager)
    Task.objects.filter(pk=task.pk).update(status="on_hold", resume_status="assigned")
    submit_product(product_id=product.pk, actor=worker)
    assert status(task) == "on_hold"


def test_other_work_about_the_product_is_left_alone(worker, manager):
    product = make_approved(channels=make_shops(1))
    banner = make_task(by=manager, kind="banner", subject=product)
    content_changed(product_ids=[product.pk], parts=["name"], actor=worker)
    submit_product(product_id=product.pk, actor=worker)
    assert status(banner) == "submitted"


def test_it_is_asked_for_from_the_list_and_answered_on_the_task(client, task, worker):
    client.force_login(worker)
    ask = reverse("admin:catalog_ask_registration")
    assert ask in client.get(reverse("admin:catalog_product_changelist")).content.decode()
    assert client.get(ask).url == f"{reverse('admin:staff_task_request')}?kind=product_registration"
    answer = press(client, task, "make_draft", code="BAG", title="Linen bag", sku="BAG-S")
    product = Product.objects.get()
    assert answer.url == reverse("admin:catalog_product_change", args=[product.pk])
    assert said(answer) == ["The draft Linen bag is made; the task is about it now."]
    assert product.variants.get().sku == "BAG-S"
    shown = client.get(reverse("admin:staff_task_change", args=[task.pk])).content.decode()
    assert "make_draft" not in shown


def test_a_registration_with_picture_slots_is_judged_where_the_product_is(worker, manager):
    task = make_task(by=manager, kind="product_registration", slot_ids=[make_slot().pk], review_roles=["ec_manager"])
    product = draft_for_task(task_id=task.pk, code="BAG", name="Bag", actor=worker)
    review = submit_product(product_id=product.pk, actor=worker)
    approve_product(product_id=product.pk, review_id=review.pk, actor=manager)
    assert (status(task), task.deliverables.count(), task.review_steps.count()) == ("delivered", 1, 1)
    [finding] = verify(names=["staff.approved_by_every_step"])
    assert finding.breaches == []
