"""Approved pictures come home to the product; a live picture that is no longer true is marked."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from catalog.models import Price, Product, ProductImage
from catalog.services import (
    activate_product,
    check_shown_prices,
    end_product,
    receive_creatives,
    set_price,
)
from core.events import deliver_due
from core.models import Delivery
from inventory.services import check_pictured_stock
from staff.models import Revision, StaleReason, Task, TaskStatus, User
from staff.services import decide, reopen_task, send_to_review, upload_revision
from staff.services.proofs.checking import check_revision
from tests.factories import make_channel, make_stock, make_variant
from tests.staff.making import make_colleague, make_started_task

pytestmark = [pytest.mark.django_db]
PDF = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>> endobj
trailer <</Root 1 0 R>>
%%EOF
"""


def picture(size=(600, 600), colour="teal", kind="PNG") -> ContentFile:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return ContentFile(buffer.getvalue())


def approved_task(product: Product, *, kind="photo", filename="front.png", file=None, **over) -> Task:
    manager, designer = make_colleague("ec_manager"), make_colleague("designer")
    task = make_started_task(by=manager, worker=designer, kind=kind, subject=product, **over)
    deliverable = task.deliverables.get()
    revision = upload_revision(deliverable_id=deliverable.pk, file=file or picture(), filename=filename, actor=designer)
    check_revision(revision.pk)  # what the worker does with files that are not light
    send_to_review(task_id=task.pk, actor=designer)
    return decide(task_id=task.pk, verdict="approved", revision_ids=[revision.pk], actor=manager)


def test_nothing_is_taken_of_what_was_taken_up_again_before_the_event_came():
    product = make_variant().product
    task = approved_task(product)
    reopen_task(task_id=task.pk, reason="New price", actor=task.requester)

    deliver_all()

    assert list(Delivery.objects.filter(parked_at__isnull=False)) == []
    assert product.images.count() == 0
    task.refresh_from_db()
    assert task.status == "in_progress"


def deliver_all() -> None:
    while deliver_due():
        pass


def test_an_approved_picture_appears_on_the_product_by_itself():
    product = make_variant().product
    task = approved_task(
        product, usage_rights="Agency, web only", rights_until=timezone.localdate() + timedelta(days=90)
    )
    assert task.status == TaskStatus.APPROVED
    deliver_all()
    image = ProductImage.objects.get(product=product)
    task.refresh_from_db()
    product.refresh_from_db()
    assert (task.status, product.image_path) == ("live", image.file.name)
    assert image.source == Revision.objects.get(deliverable__task=task)
    assert (image.usage_rights, image.rights_until) == ("Agency, web only", task.rights_until)
    assert image.file.size == image.source.size_bytes


def test_taking_over_twice_adds_nothing():
    product = make_variant().product
    task = approved_task(product)
    deliver_all()
    ids = list(Revision.objects.values_list("pk", flat=True))
    assert receive_creatives(task_id=task.pk, product_id=product.pk, revision_ids=ids) == 0
    assert ProductImage.objects.count() == 1


def test_a_draft_shows_the_picture_only_when_it_goes_on_sale():
    variant, channel = make_variant(), make_channel()
    product = variant.product
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=10_000)
    Product.objects.filter(pk=product.pk).update(status="approved")
    task = approved_task(product)
    deliver_all()
    task.refresh_from_db()
    assert task.status == TaskStatus.DELIVERED
    activate_product(product_id=product.pk)
    task.refresh_from_db()
    assert task.status == TaskStatus.LIVE
    end_product(product_id=product.pk)
    task.refresh_from_db()
    assert task.status == TaskStatus.RETIRED


def test_a_changed_price_makes_the_picture_stale_and_the_old_price_makes_it_true_again():
    variant, channel = make_variant(), make_channel()
    set_price(
        variant_id=variant.pk, sales_channel_id=channel.pk, amount=10_000, starts_at=timezone.now() - timedelta(days=2)
    )
    task = approved_task(variant.product, shown_price=10_000, shown_currency="KRW")
    deliver_all()
    assert check_shown_prices() == (0, 0)
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=12_000)
    task.refresh_from_db()
    assert (task.stale_reason, task.stale_at is None) == (StaleReason.PRICE, False)
    Price.objects.filter(variant=variant, amount=12_000).update(amount=10_000)
    assert check_shown_prices() == (0, 1)
    task.refresh_from_db()
    assert (task.stale_reason, task.stale_at) == ("", None)


def test_the_picture_of_a_sold_out_product_is_stale_until_there_is_stock():
    variant = make_variant()
    item = make_stock(variant, on_hand=3)
    task = approved_task(variant.product)
    deliver_all()
    assert check_pictured_stock() == (0, 0)
    type(item).objects.filter(pk=item.pk).update(on_hand=0)
    assert check_pictured_stock() == (1, 0)
    assert check_pictured_stock() == (0, 0)
    task.refresh_from_db()
    assert task.stale_reason == StaleReason.SOLD_OUT
    type(item).objects.filter(pk=item.pk).update(on_hand=1)
    assert check_pictured_stock() == (0, 1)


def test_a_new_version_takes_the_place_of_the_old_one():
    product = make_variant().product
    task = approved_task(product)
    deliver_all()
    before = ProductImage.objects.get()
    reopen_task(task_id=task.pk, reason="New price", actor=task.requester)
    revision = upload_revision(
        deliverable_id=task.deliverables.get().pk,
        file=picture(colour="navy"),
        filename="front2.png",
        actor=User.objects.get(pk=task.assignee_id),
    )
    send_to_review(task_id=task.pk, actor=task.assignee)
    decide(task_id=task.pk, verdict="approved", revision_ids=[revision.pk], actor=task.requester)
    deliver_all()
    image = ProductImage.objects.get()
    product.refresh_from_db()
    assert (image.pk, image.position, image.source) == (before.pk, 0, revision)
    assert (image.file.name != before.file.name, product.image_path) == (True, image.file.name)


def test_an_original_that_no_shop_page_shows_stays_with_the_task():
    product = make_variant().product
    task = approved_task(product, file=ContentFile(PDF), filename="flyer.pdf")
    deliver_all()
    task.refresh_from_db()
    assert (task.status, ProductImage.objects.count()) == (TaskStatus.APPROVED, 0)
