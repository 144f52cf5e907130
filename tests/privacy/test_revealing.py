"""Personal data is shown in full for a reason; who looked at whom stays for good."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from customers.services import create_customer
from privacy.models import Access, AccessKind, AccessReason, AccessReview
from privacy.services import reveal_personal_data, review_access_log
from privacy.subjects import subject_kind
from staff.models import Role
from tests.factories import make_order, make_stock, make_user
from tests.privacy.making import make_access, make_guard
from tests.staff.making import make_colleague

pytestmark = pytest.mark.django_db
MASKED = ("customers.view_customer", "privacy.reveal_personal_data")


@pytest.fixture
def customer():
    return create_customer(name="김민준", email="minjun@example.com", phone="010-1234-5678", note="Calls at noon")


def test_a_look_is_in_the_log_before_anything_is_shown(customer):
    colleague = make_user(permissions=MASKED)
    known = reveal_personal_data(
        kind=subject_kind("customer"), row=customer, reason=AccessReason.CONTACT, note=" Q-1 ", address="203.0.113.7",
        actor=colleague,
    )  # fmt: skip
    assert [value for _what, value in known] == [
        "김민준", "", "Calls at noon", "minjun@example.com", "01012345678",
    ]  # fmt: skip
    row = Access.objects.get()
    assert (row.kind, row.actor, row.address, row.subject_id, row.subject_label, row.reason, row.note) == (
        "reveal", colleague, "203.0.113.7", customer.pk, f"Customer {customer.pk}", "contact", "Q-1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("permissions", "reason", "note", "refusal"),
    [
        ((), AccessReason.CONTACT, "Q-1", NotAllowed),
        (MASKED, AccessReason.OTHER, "  ", InvalidInput),
    ],
)
def test_without_right_or_explanation_nothing_is_shown_or_kept(customer, permissions, reason, note, refusal):
    colleague = make_user(permissions=permissions)
    with pytest.raises(refusal):
        reveal_personal_data(
            kind=subject_kind("customer"), row=customer, reason=reason, note=note, address="", actor=colleague
        )
    assert not Access.objects.exists()


def test_the_page_is_masked_until_a_reason_is_posted(client, customer):
    client.force_login(make_user(permissions=MASKED))
    page = client.get(reverse("admin:customers_customer_change", args=[customer.pk])).content.decode()
    assert "김**" in page
    assert "김민준" not in page
    address = reverse("admin:privacy_reveal", args=["customer", customer.pk])
    assert address in page
    assert "김민준" not in client.get(address).content.decode()
    assert not Access.objects.exists()
    shown = client.post(address, {"reason": "delivery"}, REMOTE_ADDR="203.0.113.9")
    assert "minjun@example.com" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert Access.objects.values_list("kind", "reason", "address").get() == ("reveal", "delivery", "203.0.113.9")


def test_only_who_meets_the_row_may_reveal_it(client, customer):
    client.force_login(make_user(permissions=["privacy.reveal_personal_data"]))
    address = reverse("admin:privacy_reveal", args=["customer", customer.pk])
    assert client.post(address, {"reason": "contact"}).status_code == 403
    assert client.get(reverse("admin:privacy_reveal", args=["nobody", 1])).status_code == 404
    assert client.get(reverse("admin:privacy_reveal", args=["customer", customer.pk + 1])).status_code == 404
    assert not Access.objects.exists()


def test_an_order_is_revealed_alike(client):
    order = make_order((make_stock().variant, 1), recipient_name="Kim Minjun", address_1="1 Test Street")
    client.force_login(make_user(permissions=["orders.view_order", "privacy.reveal_personal_data"]))
    shown = client.post(reverse("admin:privacy_reveal", args=["order", order.pk]), {"reason": "delivery"})
    assert "1 Test Street" in shown.content.decode()
    assert Access.objects.get().subject_label == order.number


def test_pages_seen_in_full_by_role_are_logged_once_in_ten_minutes(client, customer):
    address = reverse("admin:customers_customer_change", args=[customer.pk])
    client.force_login(make_user(permissions=["customers.view_customer"]))
    client.get(address)
    assert not Access.objects.exists()
    colleague = make_colleague("cs_agent")
    client.force_login(colleague)
    client.get(address)
    client.get(address)
    assert Access.objects.values_list("kind", "actor", "subject_id").get() == ("page", colleague.pk, customer.pk)


def test_the_log_cannot_be_changed(customer):
    row = make_access(actor=make_user(), customer=customer)
    for change in (lambda: Access.objects.update(note="x"), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Access.objects.get().note == ""


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"kind": "?"}, "privacy_access_kind_valid"),
        ({"reason": ""}, "privacy_access_reason_valid"),
        ({"reason": "other"}, "privacy_access_other_explained"),
    ],
)
def test_the_database_refuses_looks_without_sense(values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_access(actor=make_user(), **values)


# --- the review


def last_month():
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    return {"starts_on": last.replace(day=1), "ends_on": last}


def test_a_month_that_is_over_is_reviewed_by_a_person(client):
    guard = make_guard()
    client.force_login(guard)
    page = reverse("admin:privacy_access")
    assert "Nobody has reviewed this month yet." in client.get(page).content.decode()
    client.post(page, {"finding": "Asked two colleagues; nothing odd."})
    row = AccessReview.objects.get()
    assert (row.reviewed_by, row.starts_on, row.ends_on, row.access_count) == (guard, *last_month().values(), 0)
    assert "Asked two colleagues" in client.get(page).content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessReview.objects.update(finding="x")


def test_reviews_that_cannot_be_are_refused():
    today = timezone.localdate()
    with pytest.raises(NotAllowed):
        review_access_log(**last_month(), finding="x", actor=make_user(permissions=["privacy.view_access"]))
    with pytest.raises(InvalidInput, match="not over"):
        review_access_log(starts_on=today, ends_on=today, finding="x", actor=make_guard())
    with pytest.raises(InvalidInput, match="what you found"):
        review_access_log(**last_month(), finding=" ", actor=make_guard())
    assert not AccessReview.objects.exists()


def test_the_month_tells_who_looked_and_leaves_as_a_file(client):
    looker = make_user(username="looker")
    make_access(actor=looker, note="=cmd")
    make_access(actor=looker, kind=AccessKind.PAGE, reason="")
    client.force_login(make_guard())
    month = f"{timezone.localdate():%Y-%m}"
    page = client.get(reverse("admin:privacy_access"), {"month": month}).content.decode()
    assert "looker" in page
    assert "203.0.113.7" in page
    file = client.get(reverse("admin:privacy_access_file"), {"month": month}).content.decode()
    assert file.count("looker") == 2
    assert "'=cmd" in file
    assert client.get(reverse("admin:privacy_access"), {"month": "2026-13"}).status_code == 404


def test_roles_that_look_must_say_why_and_few_read_the_log(client):
    for role in Role:
        user = make_colleague(role.value)
        guards = role in (Role.EC_MANAGER, Role.ADMINISTRATOR)
        assert user.has_perm("privacy.view_access") == guards
        reveals = role not in (Role.DESIGNER, Role.MERCHANDISER)
        assert user.has_perm("privacy.reveal_personal_data") == reveals
        client.force_login(user)
        assert client.get(reverse("admin:privacy_access")).status_code == (200 if guards else 403)
