"""Macros on their screens: found, shown, put in, written by who leads, carried out and in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from service.admin.macro import MacroResource
from service.models import Macro, MacroUse, Team, Ticket
from tests.admin.pressing import opened
from tests.factories import make_customer, make_order, make_user, make_variant
from tests.returns.making import make_reason
from tests.service.making import WORK, a_reason, make_ticket
from tests.service.test_macros import linked, make_macro, use

pytestmark = pytest.mark.django_db

SEES = (*WORK, "customers.see_contact_data", "orders.view_payment", "staff.add_task")


@pytest.fixture
def agent(client):
    user = make_user(permissions=[*SEES, "orders.view_order", "catalog.view_product"])
    client.force_login(user)
    return user


def test_found_by_typing_shown_with_values_and_put_into_the_editor(client, agent):
    ticket = make_ticket()
    order, macro = linked(ticket), make_macro(shortcut="late", tags=["late"])
    make_macro(name="Thanks", body_ko="감사합니다")
    found = client.get(reverse("admin:service_macros", args=[ticket.pk]), {"q": "/late"}).content.decode()
    assert ("Late parcel" in found, "Thanks" in found) == (True, False)
    url = reverse("admin:service_macro", args=[ticket.pk, macro.pk])
    shown = client.get(url).content.decode()
    assert "choose an order" in shown
    assert "disabled" in shown
    shown = client.get(url, {"order": order.pk}).content.decode()
    assert f"주문 {order.number}" in shown
    assert "disabled>" not in shown
    values = {
        "order": order.pk,
        "version": 1,
        "key": "abc",
        "typed": "안녕하세요 /",
        "here": f"?view=all&ticket={ticket.pk}",
    }
    for _press in range(2):
        answer = client.post(url, values, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"].endswith(f"?view=all&ticket={ticket.pk}")
    page = client.get(answer["HX-Redirect"]).content.decode()
    assert f"안녕하세요 \n\n주문 {order.number}".replace(" \n", "\n") in page
    assert MacroUse.objects.count() == 1
    refused = client.post(url, {**values, "key": "def", "order": "", "version": 1})
    assert "Missing" in refused.content.decode()
    assert client.get(url, {"order": "x"}).status_code == 400
    star = client.post(reverse("admin:service_macro_like", args=[macro.pk]), {"liked": "1"}).content.decode()
    assert "is-liked" in star


def test_links_are_found_by_typing_and_made_by_one_press(client, agent):
    ticket = make_ticket()
    order = make_order((make_variant(), 1), customer=make_customer())
    product = order.lines.get().variant.product
    url = reverse("admin:service_find_links", args=[ticket.pk])
    assert order.number in client.get(url, {"q": order.number.lower()}).content.decode()
    assert product.name in client.get(url, {"q": order.lines.get().variant.sku}).content.decode()
    assert "Nothing found" in client.get(url, {"q": "nowhere"}).content.decode()
    press = reverse("admin:service_link_found", args=[ticket.pk])
    client.post(press, {"kind": "order", "row": order.pk})
    client.post(press, {"kind": "product", "row": product.pk})
    assert (ticket.orders.get().order, ticket.products.get().product) == (order, product)
    assert client.post(press, {"kind": "odd", "row": 1}).status_code == 400


def test_a_macro_with_an_unknown_variable_is_not_saved(client):
    client.force_login(make_user(is_superuser=True))
    page = client.post(reverse("admin:service_macro_add"), {"name": "Odd", "body_ko": "{{order.secret}}"})
    assert "There is no variable {{order.secret}}." in page.content.decode()
    page = client.post(reverse("admin:service_macro_add"), {"name": "Empty"})
    assert "says and does nothing" in page.content.decode()
    assert not Macro.objects.exists()
    client.post(reverse("admin:service_macro_add"), {"name": "Good", "body_ko": "{{order.number}}", "tags": "a, b"})
    assert Macro.objects.get().tags == ["a", "b"]


def test_a_macro_that_resolves_brings_the_reason_that_nobody_has_chosen():
    user = make_user(permissions=SEES)
    macro = make_macro(name="Done", body_ko="감사합니다", status="resolved", reason_id=a_reason("money-failed"))
    silent = make_macro(name="Silent", body_ko="", status="resolved", reason_id=a_reason("money-failed"))
    fresh, chosen, quiet = make_ticket(), make_ticket(), make_ticket()
    Ticket.objects.filter(pk=chosen.pk).update(reason=a_reason())
    use(macro, fresh, user, sends=True, key="f")
    use(macro, chosen, user, sends=True, key="c")
    use(silent, quiet, user, key="q")
    rows = Ticket.objects.filter(pk__in=[fresh.pk, chosen.pk, quiet.pk]).order_by("pk")
    wanted = [("resolved", a_reason("money-failed")), ("resolved", a_reason()), ("resolved", a_reason("money-failed"))]
    assert list(rows.values_list("status", "reason_id")) == wanted
    with pytest.raises(IntegrityError, match="service_macro_reason_of_resolving"), transaction.atomic():
        Macro.objects.filter(pk=macro.pk).update(status="")


def test_who_leads_chooses_the_colleague_without_seeing_accounts(client):
    rights = [f"service.{one}" for one in ("direct_ticket", "view_macro", "change_macro", "view_reasonnode")]
    lead = make_user(permissions=[*SEES, *rights])
    colleague = make_user(permissions=WORK, first_name="Minji")
    outsider = make_user()
    client.force_login(lead)
    macro = make_macro()
    url = reverse("admin:service_macro_change", args=[macro.pk])
    page = client.get(url)
    offered = page.context["adminform"].form.fields["colleague"].queryset
    assert (colleague in offered, outsider in offered) == (True, False)
    given = {"name": "Late parcel", "body_ko": "x", "hand": "colleague", "is_active": "on", **opened(client, macro)}
    client.post(url, {**given, "colleague": outsider.pk})
    macro.refresh_from_db()
    assert macro.colleague is None
    client.post(url, {**given, "colleague": colleague.pk})
    macro.refresh_from_db()
    assert macro.colleague == colleague
    half = {**given, **opened(client, macro), "colleague": colleague.pk, "reason": a_reason()}
    assert "for a macro that resolves" in client.post(url, half).content.decode()


def test_macros_go_out_to_a_file_and_come_back_the_same(client):
    rights = [f"service.{verb}_macro" for verb in ("view", "add", "change")]
    client.force_login(make_user(permissions=[*rights, "core.import_data", "core.export_data"]))
    team = Team.objects.create(name="한국 상담")
    make_macro(
        name="Late", shortcut="late", body_ko='주문 {{order.number}}, "곧"\n도착', body_ja="注文", tags=["a", "b"]
    )
    make_macro(
        name="Done", body_ko="감사", status="resolved", reason_id=a_reason(), team=team, task_title="Look",
        task_role="warehouse", note="메모 {{ticket.number}}", return_reason=make_reason(code="changed"),
    )  # fmt: skip
    before = list(Macro.objects.order_by("name").values())
    columns = [field.column_name for field in MacroResource().get_export_fields()]
    out = client.post(reverse("admin:service_macro_export") + "?tab=all", {"kind": "csv", "columns": columns})
    text = out.content.decode("utf-8-sig")
    Macro.objects.all().delete()
    came = client.post(reverse("admin:service_macro_import"), {"file": SimpleUploadedFile("m.csv", text.encode())})
    client.post(came["Location"])
    after = list(Macro.objects.order_by("name").values())
    left_out = {"id", "created_at", "updated_at"}
    assert [{k: v for k, v in row.items() if k not in left_out} for row in after] == [
        {k: v for k, v in row.items() if k not in left_out} for row in before
    ]
    odd = text.replace("{{order.number}}", "{{order.secret}}")
    came = client.post(reverse("admin:service_macro_import"), {"file": SimpleUploadedFile("m.csv", odd.encode())})
    page = client.get(came["Location"])
    assert page.context["counts"]["refused"] == 1
    assert "There is no variable {{order.secret}}." in page.content.decode()
