"""Cases on screen: opened in a few fields, inspected and resolved, each role with its own buttons."""

import io

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from PIL import Image

from compliance.services import sync_rules
from orders.models import OrderMessage
from payments.models import Refund, RefundLimit
from returns.models import Finding, ReturnCharge, ReturnReason, ReturnRequest, ReturnRule, StepMessage
from returns.services import approve_return
from staff.models import Role
from tests.admin.pressing import press, said
from tests.factories import make_stock, make_user
from tests.orders.stories import assert_sound
from tests.returns.making import ask, came_back, make_rule, sold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules(db):
    call_command("sync_roles", verbosity=0)
    sync_rules()
    RefundLimit.objects.update_or_create(currency="KRW", defaults={"agent_amount": 100_000, "alone_amount": 100_000})


@pytest.fixture
def order():
    return sold(make_stock(on_hand=20), jurisdiction="KR")


def log_in(client, role):
    user = make_user()
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def picture():
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return SimpleUploadedFile("../crack.png", out.getvalue())


def test_an_agent_opens_a_case_with_a_photo_on_one_page(client, order):
    log_in(client, Role.CS_AGENT)
    make_rule(name="Shoes only for exchange")
    line = order.lines.get()
    url = reverse("admin:returns_open", args=[order.pk])
    page = client.get(url).content.decode()
    assert "Shoes only for exchange" in page
    assert "it may be refused only by a ground of the law" in page

    given = {
        "kind": "return", "through": "phone", "asked_at": "2026-01-01T10:00", "note": "too dark", "_key": "k",
        f"count_{line.pk}": "2", f"reason_{line.pk}": str(ReturnReason.objects.get(code="changed-mind").pk),
        f"wish_{line.pk}": "refund",
    }  # fmt: skip
    assert "before the order or in the future" in client.post(url, given).content.decode()
    given |= {"asked_at": order.shipments.get().delivered_at.isoformat(), "_key": "k2", "photos": picture()}
    answer = client.post(url, given)

    case = ReturnRequest.objects.get()
    assert answer.url == reverse("admin:returns_returnrequest_change", args=[case.pk])
    assert (case.lines.get().quantity, case.customer_note, case.opened_by) == (2, "too dark", answer.wsgi_request.user)
    photo = case.photos.get()
    assert photo.filename == "crack.png"
    assert client.get(f"/files/{photo.file.name}").status_code == 200
    log_in(client, Role.DESIGNER)
    assert client.get(f"/files/{photo.file.name}").status_code == 403


def test_each_role_has_its_own_steps(client, order):
    case = ask(order)
    url = reverse("admin:returns_returnrequest_change", args=[case.pk])
    log_in(client, Role.WAREHOUSE)
    assert press(client, case, "approve").status_code == 403
    assert client.get(reverse("admin:returns_open", args=[order.pk])).status_code == 403
    log_in(client, Role.CS_AGENT)
    assert "Approve" in client.get(url).content.decode()
    press(client, case, "approve", days="14")
    assert client.get(reverse("admin:returns_inspect", args=[case.pk])).status_code == 403
    log_in(client, Role.WAREHOUSE)
    line = case.lines.get()
    given = {"_key": "k", f"count_{line.pk}_1": "1", f"condition_{line.pk}_1": "damaged", "inspect": "1",
             f"evidence_{line.pk}": "torn"}  # fmt: skip
    assert client.get(reverse("admin:returns_inspect", args=[case.pk])).status_code == 200
    assert client.post(reverse("admin:returns_inspect", args=[case.pk]), given).url == url
    finding = Finding.objects.get()
    resolve = reverse("admin:returns_resolve", args=[case.pk])
    assert client.post(resolve, {"command": "resolve", "_key": "k"}).status_code == 403
    log_in(client, Role.QUALITY_MANAGER)
    given = {"command": f"reject:{finding.pk}", f"evidence_{finding.pk}": "worn", f"ground_{finding.pk}": "damaged"}
    assert client.post(resolve, given).url == resolve
    log_in(client, Role.CS_LEAD)
    assert client.post(resolve, {"command": "resolve", "_key": "k"}).url == url
    assert ReturnRequest.objects.get().state == "resolved"
    log_in(client, Role.WAREHOUSE)
    assert client.post(resolve, {"command": f"send:{finding.pk}", f"carrier_{finding.pk}": "CJ 1"}).url == resolve
    assert Finding.objects.get().sent_back_with == "CJ 1"
    assert not Refund.objects.exists()
    assert_sound()


def test_money_is_given_instead_of_an_exchange_at_the_line(client, order):
    case = approve_return(request_id=ask(order, 2, wish="exchange").pk)
    line, url = case.lines.get(), reverse("admin:returns_returnrequest_change", args=[case.pk])
    link = f"{reverse('admin:returns_returnrequest_press', args=[case.pk, 'pay_instead'])}?line={line.pk}"
    log_in(client, Role.WAREHOUSE)
    assert link not in client.get(url).content.decode()
    assert press(client, case, "pay_instead", line=line.pk).status_code == 403
    log_in(client, Role.CS_AGENT)
    assert link in client.get(url).content.decode()
    assert client.get(link).context["form"].initial == {"line": line.pk}
    other = ask(sold(make_stock(on_hand=20), jurisdiction="KR"), wish="exchange").lines.get()
    assert press(client, case, "pay_instead", line=other.pk).context["form"].errors

    assert said(press(client, case, "pay_instead", line=line.pk)) == [
        f"{line.order_line.name}: money instead of a replacement."
    ]
    line.refresh_from_db()
    assert (line.wish, line.held_until) == ("refund", None)
    assert link not in client.get(url).content.decode()
    assert "not possible" in said(press(client, case, "pay_instead", line=line.pk))[-1]
    assert_sound()


def test_a_lead_resolves_with_a_loss_of_value(client, order):
    log_in(client, Role.CS_LEAD)
    case = came_back(ask(order, 2), (2, "opened"), evidence="box open")
    pk = Finding.objects.get().pk
    url = reverse("admin:returns_resolve", args=[case.pk])
    given = {"command": "resolve", "_key": "k", f"count_{pk}_1": "1", f"outcome_{pk}_1": "refund",
             f"count_{pk}_2": "1", f"outcome_{pk}_2": "exchange", f"loss_{pk}": "1,500"}  # fmt: skip
    client.post(url, given)
    client.post(url, given)  # pressed twice
    assert Refund.objects.get().amount == 8_500
    assert "RF-0000001" in client.get(reverse("admin:returns_returnrequest_change", args=[case.pk])).content.decode()


def test_words_are_drafted_in_the_language_of_the_channel(client, order):
    log_in(client, Role.CS_LEAD)
    order.sales_channel.language = "ja"
    order.sales_channel.save(update_fields=["language"])
    StepMessage.objects.create(step="approved", mode="automatic", body_ja="{order} を {until} までに")
    case = ask(order)
    approve_return(request_id=case.pk)
    message = OrderMessage.objects.get()
    assert message.language == "ja"
    assert message.body.startswith(f"{order.external_number} を 20")
    press(client, case, "tell", step="approved", body="違う言葉")
    assert OrderMessage.objects.get().body == "違う言葉"
    answer = client.post(
        reverse("admin:returns_stepmessage_add"), {"step": "asked", "mode": "by_hand", "body_en": "Dear {nobody}"}
    )
    assert "No case has {nobody}" in answer.content.decode()


def test_a_rule_against_the_law_is_refused(client):
    log_in(client, Role.EC_MANAGER)
    url = reverse("admin:returns_returnrule_add")
    given = {"name": "Never", "rank": "10", "jurisdiction": "EU", "ground": "used", "extra_days": "0",
             "is_active": "on", "restocks_as": "good", "allows_refund": "on", "return_shipping": "0",
             "fee": "0"}  # fmt: skip
    assert "does not know this ground" in client.post(url, given).content.decode()
    given |= {"ground": "", "allows_refund": "", "allows_exchange": "on"}
    assert "a refund must be allowed" in client.post(url, given).content.decode()
    assert not ReturnRule.objects.exists()
    client.post(url, {**given, "allows_refund": "on"})
    assert ReturnRule.objects.get().name == "Never"


def test_a_carrier_is_charged_and_pays(client, order):
    log_in(client, Role.CS_LEAD)
    case = ask(order)
    press(client, case, "charge", party="carrier", party_name="CJ", amount="12,000", reason="broken")
    charge = ReturnCharge.objects.get()
    press(client, charge, "settle", state="paid", paid="13,000")
    assert ReturnCharge.objects.get().state == "claimed"
    press(client, charge, "settle", state="paid", paid="11,000")
    assert ReturnCharge.objects.values_list("state", "paid_amount").get() == ("paid", 11_000)


def test_figures_count_what_comes_back_of_what_was_sent(client, order):
    log_in(client, Role.CS_LEAD)
    ask(order, 2)
    page = client.get(reverse("admin:returns_figures")).content.decode()
    assert "66.7" in page
    answer = press(client, ReturnRequest.objects.get(), "call_off", note="phone")
    assert said(answer) == ["Called off; what was kept for an exchange can be sold again."]
    assert "Nothing came back in this time." in client.get(reverse("admin:returns_figures")).content.decode()
