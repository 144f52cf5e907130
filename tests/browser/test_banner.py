"""A banner's way: asked for on the product, claimed on a phone, measured, judged, mended, and shown on the product."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from catalog.models import ProductImage
from staff.models import Decision, Revision, Role, Task, TaskStatus
from staff.services import sync_task_seeds


def picture(size, colour):
    """Return what a file input takes."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return {"name": f"popup-{colour}.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def upload(desk, size, colour):
    """Choose a file on the proof page and send it."""
    with desk.page.expect_navigation():
        desk.page.set_input_files("#upload-file", picture(size, colour))
        desk.page.locator("#upload-form").get_by_role("button", name="Upload", exact=True).click()
    desk.fits()


@pytest.mark.parametrize("designer_width", [390])
def test_from_the_request_to_the_picture_on_the_product(open_desk, shop, designer_width):
    sync_task_seeds()
    product = shop.tee.product
    product_page = f"/admin/catalog/product/{product.pk}/change/"
    manager = open_desk(Role.EC_MANAGER)
    designer = open_desk(Role.DESIGNER, width=designer_width)

    # the manager asks for it where it is needed
    manager.open(product_page)
    manager.follow("Request work", within=".page-head")
    manager.fits()
    card = manager.page.locator(".request-kinds .panel").filter(has_text="Banner").first
    with manager.page.expect_navigation():
        card.get_by_role("link", name="Without a template").click()
    manager.page.fill("[name=title]", "Popup for the summer sale")
    for box in manager.page.locator(".request-main [required], .request-main .required input").all():
        if not box.input_value():
            box.fill("Everything must go")
    for box in manager.page.locator("[name^=brief_], [name=goal], [name=headline]").all():
        if not box.input_value():
            box.fill("Everything must go")
    manager.page.locator("#slots summary").filter(has_text="Own shop").click()
    manager.page.locator("#slots label").filter(has_text="Popup").get_by_role("checkbox").check()
    manager.fits()
    manager.follow("Request", within=".request-buttons")
    task = Task.objects.get()
    assert (task.status, task.subject_label) == (TaskStatus.SUBMITTED, str(product))

    # the system knows who could do it
    manager.open(f"/admin/staff/task/{task.pk}/change/")
    manager.ask("Give to …")
    manager.sees(re.compile("booked until|booked this week|% booked"))
    manager.page.keyboard.press("Escape")

    # the designer takes it on the phone
    designer.open("/admin/my-day/")
    designer.fits()
    with designer.page.expect_navigation():
        designer.page.get_by_role("button", name=re.compile("^Claim")).filter(visible=True).first.click()
    task.refresh_from_db()
    assert task.status == TaskStatus.ASSIGNED

    # a wrong size is refused with its numbers, the right one fits
    proof = f"/admin/staff/task/{task.pk}/proof/"
    designer.open(proof)
    upload(designer, (800, 900), "teal")
    designer.sees(re.compile("800 × 1,?000.*800 × 900"))
    upload(designer, (800, 1000), "teal")
    assert [row.state for row in Revision.objects.order_by("number")] == ["misfit", "fits"]
    with designer.page.expect_navigation():
        designer.page.get_by_role("button", name="Send to review").filter(visible=True).first.click()
    task.refresh_from_db()
    assert task.status == TaskStatus.IN_REVIEW

    # the manager points at what should change
    manager.open(proof)
    manager.page.locator("[data-canvas]").click(position={"x": 60, "y": 80})
    manager.page.locator("#pin-text").fill("The logo needs more room")
    manager.page.keyboard.press("Enter")
    expect(manager.page.locator("#remarks")).to_contain_text("The logo needs more room")
    manager.page.locator("#note").fill("Nearly there")
    with manager.page.expect_navigation():
        manager.page.locator("#decide").get_by_role("button", name="Request changes").click()
    manager.fits()

    # a second version answers it
    designer.open(proof)
    expect(designer.page.locator("#remarks")).to_contain_text("The logo needs more room")
    with designer.page.expect_response(lambda answer: answer.request.method == "POST"):
        designer.page.locator("#remarks").get_by_role("button", name=re.compile("esolve")).first.click()
    upload(designer, (800, 1000), "navy")
    with designer.page.expect_navigation():
        designer.page.get_by_role("button", name="Send to review").filter(visible=True).first.click()

    # approved, it appears on the product by itself
    manager.open(proof)
    with manager.page.expect_navigation():
        manager.page.locator("#decide").get_by_role("button", name="Approve").click()
    task.refresh_from_db()
    assert task.status == TaskStatus.LIVE
    assert list(Decision.objects.order_by("pk").values_list("verdict", "revision__number")) == [
        ("changes_requested", 2),
        ("approved", 3),
    ]
    image = ProductImage.objects.get(product=product)
    assert image.source.number == 3
    manager.open(product_page)
    shown = manager.page.locator("#picture-grid img")
    expect(shown).to_have_count(1)
    expect(shown).to_have_attribute("src", re.compile(re.escape(image.thumbnail_path)))
    manager.fits()
