"""Customers entered by hand, found again, shown masked."""

import pytest
from django.db import IntegrityError, transaction

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import fact
from core.models import EventRecord
from customers.models import Customer, Identity, IdentityKind
from customers.selectors import identities_of
from customers.services import (
    Buyer,
    add_identity,
    create_customer,
    identify_customers,
    normal_email,
    normal_phone,
    update_customer,
)
from tests.factories import make_customer, make_user


def sentences():
    return [fact(record).sentence() for record in EventRecord.objects.order_by("id")]


@pytest.mark.django_db
def test_a_customer_is_entered_and_found_by_later_orders():
    customer = create_customer(
        name="김민준", kana="キム", country="KR", email=" Kim@Example.com ", phone="010-1234-5678"
    )

    assert customer.search_text == "김민준 キム kim@example.com 01012345678"
    assert identify_customers(buyers=[Buyer(email="KIM@example.com"), Buyer(phone="+82 10 1234 5678"), Buyer()]) == [
        customer.pk,
        customer.pk,
        None,
    ]
    assert sentences() == ["Created"]


@pytest.mark.django_db
def test_taken_and_impossible_identities_are_refused_and_nothing_is_made():
    create_customer(name="A", email="a@example.com")

    with pytest.raises(Conflict), transaction.atomic():
        create_customer(name="B", email="A@example.com")
    with pytest.raises(InvalidInput), transaction.atomic():
        create_customer(name="B", phone="12")
    with pytest.raises(NotAllowed):
        create_customer(name="B", actor=make_user())

    assert list(Customer.objects.values_list("name", flat=True)) == ["A"]


@pytest.mark.django_db
def test_corrections_name_fields_and_refresh_the_search():
    customer = create_customer(name="Kim", phone="010-1234-5678")

    update_customer(customer_id=customer.pk, changes={"name": "Lee", "note": "VIP", "country": ""})
    update_customer(customer_id=customer.pk, changes={"name": "Lee"})

    customer.refresh_from_db()
    assert (customer.name, customer.note, customer.search_text) == ("Lee", "VIP", "lee 01012345678")
    assert sentences() == ["Created", "Changed: name, note"]
    assert "Lee" not in str(EventRecord.objects.latest("id").data)
    with pytest.raises(ValueError, match="search_text"):
        update_customer(customer_id=customer.pk, changes={"search_text": "x"})
    with pytest.raises(NotAllowed):
        update_customer(customer_id=customer.pk, changes={"name": "x"}, actor=make_user())


@pytest.mark.django_db
def test_one_more_identity():
    customer, other = make_customer(), make_customer()
    first = add_identity(customer_id=customer.pk, kind=IdentityKind.CHANNEL, value="u77", scope="naver")

    assert add_identity(customer_id=customer.pk, kind=IdentityKind.CHANNEL, value="u77", scope="naver") == first
    with pytest.raises(Conflict):
        add_identity(customer_id=other.pk, kind=IdentityKind.CHANNEL, value="u77", scope="naver")
    with pytest.raises(ValueError, match="scope"):
        add_identity(customer_id=other.pk, kind=IdentityKind.EMAIL, value="a@b.kr", scope="naver")
    with pytest.raises(NotAllowed):
        add_identity(customer_id=other.pk, kind=IdentityKind.EMAIL, value="a@b.kr", actor=make_user())
    assert sentences() == ["Now also known by: Customer id of a sales channel"]


@pytest.mark.django_db
def test_identities_are_shown_in_full_or_masked():
    customer = create_customer(name="Kim", email="kim@example.com", phone="010-1234-5678")
    add_identity(customer_id=customer.pk, kind=IdentityKind.CHANNEL, value="buyer4321", scope="naver")

    assert identities_of(customer_id=customer.pk, masked=False) == [
        ("E-mail", "", "kim@example.com"),
        ("Phone", "", "01012345678"),
        ("Customer id of a sales channel", "naver", "buyer4321"),
    ]
    assert [known.value for known in identities_of(customer_id=customer.pk, masked=True)] == [
        "k***@example.com",
        "010****5678",
        "***21",
    ]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("+82-10-1234-5678", "01012345678"),
        ("０９０－１２３４－５６７８", "09012345678"),
        ("+1 212 555 0100", "+12125550100"),
        ("0502-123-4567", ""),
        ("010-****-5678", ""),
        ("000-0000-0000", ""),
        ("12", ""),
    ],
)
def test_phones_have_one_form(text, normal):
    assert normal_phone(text) == normal


@pytest.mark.parametrize(
    ("text", "normal"), [(" Kim@Example.COM ", "kim@example.com"), ("k***@example.com", ""), ("kim", ""), ("", "")]
)
def test_mails_have_one_form(text, normal):
    assert normal_email(text) == normal


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [({"kind": "fax"}, "customers_identity_kind_valid"), ({"value": ""}, "customers_identity_value_given")],
)
def test_rules_of_one_row(change, constraint):
    create_customer(name="Kim", email="kim@example.com")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Identity.objects.update(**change)


@pytest.mark.django_db
def test_an_identity_belongs_to_one_customer():
    create_customer(name="Kim", email="kim@example.com")
    with pytest.raises(IntegrityError, match="customers_identity_once"), transaction.atomic():
        make_customer().identities.create(kind="email", value="kim@example.com")
