"""Suppliers: numbers that are checked, items and their preference, switching off."""

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from purchasing.models import Supplier, SupplierItem
from purchasing.registration import tidy_registration_number
from purchasing.services import create_supplier, save_supplier_item, switch_supplier, update_supplier
from tests.factories import make_user, make_variant
from tests.purchasing.making import make_purchase_order, make_supplier, make_supplier_item

pytestmark = pytest.mark.django_db
VALUES = {"code": "acme", "name": "Acme", "country": "KR", "currency": "KRW"}


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("KR", "9998012343", "999-80-12343"),
        ("KR", " 999-81-12340 ", "999-81-12340"),
        ("JP", "6999990123456", "6999990123456"),
        ("JP", "6-9999-9012-3456", "6999990123456"),
        ("JP", "Ｔ６９９９９９０１２３４５６", "T6999990123456"),
        ("GB", " GB 123 ", "GB 123"),
        ("KR", "", ""),
    ],
)
def test_registration_numbers_are_written_in_one_way(country, typed, kept):
    assert tidy_registration_number(country, typed) == kept


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("KR", "999-80-12344"),
        ("KR", "999-80-1234"),
        ("KR", "999-80-1234a"),
        ("JP", "7999990123456"),
        ("JP", "999990123456"),
        ("JP", "T69999901234"),
        ("JP", "T0999990123456"),
    ],
)
def test_a_wrong_registration_number_is_refused_and_nobody_is_registered(country, typed):
    with pytest.raises(InvalidInput):
        create_supplier(values={**VALUES, "country": country, "registration_number": typed})
    assert Supplier.objects.count() == 0


def test_a_number_belongs_to_one_supplier_and_the_right_is_asked():
    buyer = make_user(permissions=["purchasing.change_supplier"])
    first = create_supplier(values={**VALUES, "registration_number": "9998012343"}, actor=buyer)
    assert first.registration_number == "999-80-12343"
    with pytest.raises(Conflict, match="Acme"):
        create_supplier(values={**VALUES, "code": "b", "registration_number": "999-80-12343"}, actor=buyer)
    with pytest.raises(NotAllowed):
        update_supplier(supplier_id=first.pk, changes={"name": "X"}, actor=make_user())
    update_supplier(supplier_id=first.pk, changes={"name": "Acme", "email": "a@example.com"}, actor=buyer)
    told = EventRecord.objects.filter(name="purchasing.supplier_saved").order_by("pk")
    assert [row.data["changed"] for row in told] == [[], ["email"]]


def test_the_currency_stays_once_there_are_amounts():
    supplier = make_supplier()
    make_purchase_order((make_variant(), 1), supplier=supplier)
    with pytest.raises(InvalidInput, match="currency"):
        update_supplier(supplier_id=supplier.pk, changes={"currency": "JPY"})
    supplier.refresh_from_db()
    assert supplier.currency == "KRW"


def test_switching_off_tells_how_many_orders_are_open():
    supplier = make_supplier()
    make_purchase_order((make_variant(), 1), supplier=supplier)
    make_purchase_order((make_variant(), 1), supplier=supplier, state="received")
    assert switch_supplier(supplier_id=supplier.pk, is_active=False) == 1
    supplier.refresh_from_db()
    assert supplier.is_active is False


def test_the_first_item_is_preferred_and_preferring_another_moves_it():
    variant, one, two = make_variant(), make_supplier(), make_supplier()
    first = save_supplier_item(supplier_id=one.pk, variant_id=variant.pk)
    second = save_supplier_item(supplier_id=two.pk, variant_id=variant.pk, changes={"pack_size": 6})
    assert (first.is_preferred, second.is_preferred, second.pack_size) == (True, False, 6)
    save_supplier_item(supplier_id=two.pk, variant_id=variant.pk, changes={"is_preferred": True})
    assert list(SupplierItem.objects.order_by("pk").values_list("is_preferred", flat=True)) == [False, True]
    with pytest.raises(InvalidInput):
        save_supplier_item(supplier_id=two.pk, variant_id=variant.pk, changes={"pack_size": 0})
    viewer = make_user(permissions=["purchasing.change_supplieritem"])  # without seeing costs
    with pytest.raises(NotAllowed):
        save_supplier_item(supplier_id=two.pk, variant_id=variant.pk, actor=viewer)
    assert make_supplier_item(make_variant()).is_preferred
