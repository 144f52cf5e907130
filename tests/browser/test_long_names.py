"""Names of goods are long, windows of phones are narrow."""

from staff.models import Role


def test_a_form_is_as_narrow_as_the_window_whatever_is_chosen_in_it(open_desk, shop):
    product = shop.bag.product
    product.name = "Weekend Relaxed Organic Cotton Shoulder Bag with Two Pockets"
    product.save(update_fields=["name"])
    desk = open_desk(Role.MERCHANDISER)
    desk.open(f"/admin/catalog/variant/{shop.bag.pk}/change/")
    desk.page.wait_for_selector(".select2-container")
    desk.fits_a_phone()
