"""Requests of persons on screen: noted on the customer's page, previewed, decided, carried out, told."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.services import sync_rules
from customers.models import Customer, IdentityKind
from customers.services import add_identity
from privacy.models import Access, ConsentEvent, DataRequest, RestrictedRecord
from privacy.selectors.consents import consents_of
from privacy.services import open_data_request
from privacy.tasks import carry_out_erasures
from tests.admin.pressing import press
from tests.factories import make_customer, make_order, make_user

pytestmark = pytest.mark.django_db
GUARD = (
    "customers.view_customer", "privacy.view_datarequest", "privacy.answer_datarequest", "privacy.decide_erasure",
    "privacy.open_restricted", "privacy.record_consent",
)  # fmt: skip


@pytest.fixture
def guard(client):
    user = make_user(permissions=GUARD)
    client.force_login(user)
    return user


def make_request(actor, customer=None, **over):
    values = {
        "model": Customer, "subject_id": (customer or make_customer()).pk, "subject_label": "Customer 1",
        "kind": "access", "asked_at": timezone.now(), "asked_through": "call", "identity_check": "called back",
        "actor": actor,
    }  # fmt: skip
    return open_data_request(**{**values, **over})


def page_of(request):
    return reverse("admin:privacy_datarequest_change", args=[request.pk])


def test_a_request_is_noted_on_the_customers_page(client, guard):
    customer = make_customer(country="KR")
    now = timezone.localtime() - timedelta(minutes=5)
    answer = press(
        client, customer, "note_data_request", kind="access", asked_at_0=f"{now:%Y-%m-%d}", asked_at_1=f"{now:%H:%M}",
        asked_through="T-1", identity_check="known address", wish="",
    )  # fmt: skip
    request = DataRequest.objects.get()
    assert (request.kind, request.country, request.subject_id) == ("access", "KR", customer.pk)
    assert page_of(request) in str(getattr(answer, "url", "")) + str(answer.content)
    assert client.get(page_of(request)).status_code == 200
    assert request.number in client.get(reverse("admin:privacy_datarequest_changelist")).content.decode()


def test_the_bundle_holds_everything_and_the_look_is_logged(client, guard):
    customer = make_customer(name="Hong Gildong")
    add_identity(customer_id=customer.pk, kind=IdentityKind.EMAIL, value="hong@example.com")
    request = make_request(guard, customer)
    address = reverse("admin:privacy_bundle", args=[request.pk])
    assert client.get(address).status_code == 200
    assert not Access.objects.filter(kind="bundle").exists()
    answer = client.post(address)
    data = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("data.json"))
    assert data["records"]["customers.profile"][0]["name"] == "Hong Gildong"
    assert data["records"]["customers.profile"][1]["value"] == "hong@example.com"
    assert Access.objects.get(kind="bundle").note == request.number


def test_an_erasure_is_previewed_decided_carried_out_and_told(client, guard):
    customer = make_customer(name="Hong Gildong")
    order = make_order(customer=customer, status="shipped", jurisdiction="KR", country="KR", buyer_name="Hong Gildong")
    request = make_request(guard, customer, kind="erasure")
    unknown = client.get(page_of(request)).content.decode()
    assert "Bring the legal terms in first" in unknown
    press(client, request, "decide")
    request.refresh_from_db()
    assert request.state == "open"
    sync_rules()
    preview = client.get(page_of(request)).content.decode()
    assert "Would become" in preview
    assert "Destroyed" in preview
    assert "Kept apart until its day" in preview
    press(client, request, "decide")
    carry_out_erasures()
    request.refresh_from_db()
    customer.refresh_from_db()
    order.refresh_from_db()
    assert (request.state, customer.name, order.buyer_name) == ("done", "", "")
    receipt = client.get(page_of(request)).content.decode()
    assert "What the person can be told" in receipt
    store = RestrictedRecord.objects.get()
    address = reverse("admin:privacy_restricted", args=[store.pk])
    assert address in receipt
    assert "Hong Gildong" not in client.get(address).content.decode()
    shown = client.post(address, {"reason": "legal", "note": "court"}).content.decode()
    assert "Hong Gildong" in shown
    assert Access.objects.get(kind="restricted").note == "court"
    assert not RestrictedRecord.objects.extra(where=["contents LIKE '%%Hong%%'"]).exists()


def test_who_may_only_answer_neither_decides_nor_opens_the_store(client, guard):
    client.force_login(make_user(permissions=("privacy.view_datarequest", "privacy.answer_datarequest")))
    request = make_request(guard, kind="erasure")
    assert press(client, request, "decide").status_code == 403
    request.refresh_from_db()
    assert request.state == "open"
    assert client.get(reverse("admin:privacy_restricted", args=[1])).status_code == 403


def test_consents_are_recorded_and_withdrawn_on_the_customers_page(client, guard):
    customer = make_customer()
    said = timezone.localtime() - timedelta(hours=1)
    press(
        client, customer, "record_consent", act="given", purpose="marketing", channel="sms", text_version="2026-01",
        source="phone", evidence="T-1", happened_at_0=f"{said:%Y-%m-%d}", happened_at_1=f"{said:%H:%M}", expires_on="",
    )  # fmt: skip
    (held,) = consents_of(model=Customer, subject_id=customer.pk)
    assert held.holds(timezone.now())
    address = reverse("admin:customers_more", args=[customer.pk])
    assert "Agreed" in client.get(address).content.decode()
    press(client, customer, "withdraw_all_consents", source="phone", evidence="T-2")
    assert "Withdrawn" in client.get(address).content.decode()
    assert ConsentEvent.objects.count() == 2
