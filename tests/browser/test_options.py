"""Options and variants of a product, written with the keyboard alone."""

from playwright.sync_api import expect

from catalog.models import Price, Variant
from catalog.services import set_price
from staff.models import Role


def test_colours_and_sizes_become_variants_without_a_mouse(open_desk, shop):
    product = shop.bag.product
    set_price(variant_id=shop.bag.pk, sales_channel_id=shop.seoul.pk, amount=19_000)
    desk = open_desk(Role.MERCHANDISER)
    page = desk.page
    desk.open(f"/admin/catalog/product/{product.pk}/options/")

    page.get_by_role("button", name="Add an option").press("Enter")
    page.keyboard.type("Colour")
    page.keyboard.press("Enter")
    page.keyboard.type("Black,Navy,")
    page.get_by_role("button", name="Add an option").press("Enter")
    page.keyboard.type("Size")
    page.keyboard.press("Enter")
    page.keyboard.type("M,L,")
    rows = page.locator("#grid tr[data-key]")
    expect(rows).to_have_count(4)
    skus = page.locator("#grid tr[data-key] input[data-field=sku]")
    expect(skus.first).to_have_value(f"{product.code}-BLK-M")

    # the bag that exists already is the black one in M
    page.get_by_role("combobox", name="BAG").select_option(label="Black / M")
    expect(rows).to_have_count(3)
    skus.first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("TEE-M")
    expect(page.get_by_text("Another variant has this already.")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("BAG-BLACK-L")
    page.keyboard.press("ArrowDown")
    expect(skus.nth(1)).to_be_focused()
    expect(page.get_by_text("Another variant has this already.")).to_have_count(0)
    page.get_by_role("checkbox", name="Make this variant: Navy / L").uncheck()
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).press("Enter")

    desk.sees("The options are saved, 2 variants are new.")
    variants = Variant.objects.filter(product=product).order_by("pk").values_list("sku", "name")
    assert list(variants) == [
        ("BAG", "Black / M"),
        ("BAG-BLACK-L", "Black / L"),
        (f"{product.code}-NVY-M", "Navy / M"),
    ]
    assert Price.objects.filter(variant__product=product, amount=19_000).count() == 3
