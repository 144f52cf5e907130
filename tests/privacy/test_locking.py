"""Locked columns: what is not ours cannot be read, equal values are found, keys change while others work."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from customers.models import Identity
from customers.selectors import identities_of
from customers.services import Buyer, create_customer, customers_known_by, identify_customers, lock_identities
from privacy.locking import UnreadableError, digest, lock, unlock
from tests.factories import make_customer, make_user

OLD, NEW = b"1" * 32, b"2" * 32


@pytest.fixture
def keys(settings):
    settings.DATA_KEYS, settings.INDEX_KEY = {"old": OLD}, b"3" * 32
    return settings


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed, digest FROM customers_identity ORDER BY id")
        return cursor.fetchall()


def test_what_is_locked_reads_only_in_its_place_with_its_key(keys):
    value = lock("minjun@example.com", place="a.b")
    assert value.startswith("v1.old.")
    assert "minjun" not in value
    assert value != lock("minjun@example.com", place="a.b")
    assert unlock(value, place="a.b") == "minjun@example.com"
    with pytest.raises(UnreadableError, match="belongs elsewhere"):
        unlock(value, place="a.c")
    raw = bytearray(urlsafe_b64decode(value.rpartition(".")[2]))
    raw[-1] ^= 1
    with pytest.raises(UnreadableError, match="changed"):
        unlock(f"v1.old.{urlsafe_b64encode(bytes(raw)).decode()}", place="a.b")
    keys.DATA_KEYS = {"new": NEW}
    with pytest.raises(UnreadableError, match="no key 'old'"):
        unlock(value, place="a.b")
    assert (lock("", place="a.b"), unlock("", place="a.b"), digest("", place="a.b")) == ("", "", "")


def test_equal_texts_have_equal_digests_in_their_place_only(keys):
    assert digest("01012345678", place="a.b") == digest("01012345678", place="a.b")
    assert digest("01012345678", place="a.b") != digest("01012345678", place="a.c")
    before = digest("01012345678", place="a.b")
    keys.INDEX_KEY = b"4" * 32
    assert digest("01012345678", place="a.b") != before


@pytest.mark.django_db
def test_identities_are_written_locked_whichever_way_they_come(keys):
    customer = create_customer(name="김민준", email="Minjun@Example.com")
    [other] = identify_customers(buyers=[Buyer(name="Lee", phone="+82 10-1234-5678")])
    assert [(sealed.startswith("v1.old."), len(found)) for sealed, found in stored()] == [(True, 32)] * 2
    assert list(Identity.objects.order_by("pk").values_list("sealed", flat=True)) == [
        "minjun@example.com", "01012345678",
    ]  # fmt: skip
    assert customers_known_by("minjun@example.COM ") == [customer.pk]
    assert customers_known_by("010 1234 5678") == [other]
    assert customers_known_by("김민준") == []


@pytest.mark.django_db
def test_a_whole_address_finds_its_customer_even_where_names_are_masked(client, keys):
    create_customer(name="김민준", email="minjun@example.com")
    create_customer(name="이서연", email="seoyeon@example.com")
    client.force_login(make_user(permissions=["customers.view_customer"]))
    address = reverse("admin:customers_customer_changelist")
    page = client.get(address, {"q": "seoyeon@example.com"}).content.decode()
    assert ("이**" in page, "김**" in page) == (True, False)
    assert "이**" not in client.get(address, {"q": "seoyeon"}).content.decode()


@pytest.mark.django_db
def test_a_locked_column_refuses_questions_that_never_find_anything():
    with pytest.raises(NotImplementedError, match="use its digest"):
        Identity.objects.filter(sealed__contains="seo").exists()


@pytest.mark.django_db
def test_plain_ones_are_locked_in_batches_and_both_are_read_meanwhile(keys):
    customer = make_customer()
    for number in range(5):
        customer.identities.create(kind="email", value=f"a{number}@example.com")
    assert lock_identities(limit=2) == 2
    assert [row.value for row in identities_of(customer_id=customer.pk, masked=False)] == [
        f"a{number}@example.com" for number in range(5)
    ]
    call_command("lock_personal_data", verbosity=0)
    assert [sealed.startswith("v1.old.") for sealed, _digest in stored()] == [True] * 5
    assert lock_identities() == 0


@pytest.mark.django_db
def test_a_new_key_locks_again_and_the_old_one_may_go(keys, capsys):
    customer = create_customer(name="김민준", email="minjun@example.com")
    [(_sealed, before)] = stored()
    keys.DATA_KEYS = {"new": NEW, "old": OLD}
    call_command("lock_personal_data")
    keys.DATA_KEYS = {"new": NEW}
    [(sealed, found)] = stored()
    assert (sealed.startswith("v1.new."), found) == (True, before)
    assert [row.value for row in identities_of(customer_id=customer.pk, masked=False)] == ["minjun@example.com"]
