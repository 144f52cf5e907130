"""Asking for work: the choice of a kind, the form with its questions, and the ways to it from goods."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from staff.models import CreativeSlot, Task, TaskTemplate
from staff.services import sync_task_seeds
from tests.factories import make_customer, make_order, make_stock, make_variant
from tests.staff.making import make_colleague, make_task
from tests.staff.task_desk import KEY, buttons, login

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul
REQUEST = "/admin/staff/task/request/"
ANSWERS = {"brief_goal": "Sell", "brief_headline": "봄 세일"}
ASKED = {"title": "Spring banner", "priority": "2", "role": "designer", "save": "submit", **KEY}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_the_choice_offers_kinds_with_their_templates(client):
    sync_task_seeds()
    login(client, "merchandiser")
    cards = client.get(REQUEST).context["cards"]
    assert [card.kind for card in cards][:2] == ["banner", "product_registration"]
    assert [template.code for template, _url in cards[0].templates] == [
        "banner-campaign-set",
        "banner-display-ads",
        "banner-social-set",
    ]


@time_machine.travel(NOW, tick=False)
def test_a_request_becomes_a_task_with_slots_deadline_and_files(client):
    sync_task_seeds()
    manager, watcher = login(client, "ec_manager"), make_colleague()
    template = TaskTemplate.objects.get(code="banner-campaign-set")
    hero = CreativeSlot.objects.get(code="own-hero-desktop")
    product = make_variant().product
    url = f"{REQUEST}?template={template.pk}&about=catalog.product:{product.pk}"
    form = client.get(url).context["form"]
    assert form["slot_ids"].value() == list(template.slots.values_list("pk", flat=True))
    data = {
        **ASKED,
        **ANSWERS,
        "go_live_on": "2026-03-09",
        "priority": "4",
        "slot_ids": [hero.pk],
        "checklist": "One\n\nTwo",
        "watcher_ids": [watcher.pk],
        "shown_price": "12000",
        "shown_currency": "KRW",
        "shown_from": "2026-03-09",
        "shown_until": "2026-03-20",
        "attachments": [SimpleUploadedFile("sketch.txt", b"blue"), SimpleUploadedFile("b.txt", b"red")],
    }
    answer = client.post(url, data)

    task = Task.objects.get()
    assert answer["Location"] == reverse("admin:staff_task_change", args=[task.pk])
    assert (task.status, task.requester, task.template, task.priority) == ("submitted", manager, template, 4)
    assert (task.subject_label, task.brief["headline"]) == (str(product), "봄 세일")
    assert task.due_at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    assert (task.shown_price, task.shown_currency, task.shown_until) == (12000, "KRW", date(2026, 3, 20))
    assert [row.slot for row in task.deliverables.all()] == [hero]
    assert [item.text for item in task.checklist.all()][-2:] == ["One", "Two"]
    assert sorted(task.attachments.values_list("filename", flat=True)) == ["b.txt", "sketch.txt"]
    assert [row.user for row in task.watchers.all()] == [watcher]
    client.post(url, {**data, "attachments": []})  # the same page sent twice
    assert Task.objects.count() == 1


def test_what_is_missing_is_said_beside_its_question_and_a_draft_may_miss_it(client):
    login(client, "merchandiser")
    url = f"{REQUEST}?kind=banner"
    answer = client.post(url, {**ASKED, "brief_goal": "Sell"})
    assert answer.context["form"].errors == {"brief_headline": ["Please answer this: without it nobody can start."]}
    assert not Task.objects.exists()
    client.post(url, {**ASKED, "brief_goal": "Sell", "save": "draft"})
    assert list(Task.objects.values_list("status", "brief")) == [("draft", {"goal": "Sell"})]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("over", "field", "sentence"),
    [
        ({"due_at": "2026-03-01T10:00"}, "due_at", "The deadline lies in the past. Choose a later one."),
        (
            {"go_live_on": "2026-03-02"},
            "go_live_on",
            "There are too few working days left before going live. Choose a later date.",
        ),
        ({"shown_price": "12.5", "shown_currency": "KRW"}, "shown_price", "“12.5” has more decimals than KRW knows."),
        ({"shown_price": "100"}, "shown_currency", "Choose the currency of the price."),
        ({"shown_price": "-3", "shown_currency": "KRW"}, "shown_price", "A price cannot be negative."),
        (
            {"shown_from": "2026-04-02", "shown_until": "2026-04-01"},
            "shown_until",
            "The period shown ends before it starts.",
        ),
        ({"checklist": "x" * 201}, "checklist", "Write at most 30 lines of at most 200 characters."),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_at_its_field(client, over, field, sentence):
    login(client, "ec_manager")
    answer = client.post(f"{REQUEST}?kind=banner", {**ASKED, **ANSWERS, **over})
    assert answer.context["form"].errors == {field: [sentence]}
    assert not Task.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_the_planned_deadline_is_shown_while_one_chooses(client):
    login(client, "ec_manager")
    url = reverse("admin:staff_task_deadline")
    assert "It is due 2026-03-06 18:00" in client.get(url, {"go_live_on": "2026-03-09"}).content.decode()
    assert "choose a later date" in client.get(url, {"go_live_on": "2026-03-02"}).content.decode()
    assert "no deadline" in client.get(url, {"go_live_on": "2026-13-77"}).content.decode()


def test_pages_of_goods_offer_work_and_list_it(client):
    login(client, "merchandiser")
    product = make_variant().product
    task = make_task(subject=product)
    answer = client.get(reverse("admin:catalog_product_change", args=[product.pk]))
    assert "request_work" in buttons(answer)
    assert task.title in answer.content.decode()
    address = next(b["url"] for b in answer.context["buttons"] if b["action"].name == "request_work")
    offered = [card.kind.value for card in client.get(address).context["cards"]]
    assert offered == ["banner", "product_edit", "photo", "copy", "product_registration"]


def test_an_order_and_a_stock_item_lead_straight_to_their_form(client):
    login(client, "ec_manager")
    item = make_stock(on_hand=5)
    order = make_order((item.variant, 1))
    for row, kind in ((order, "general"), (item, "stock_check")):
        answer = client.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))
        address = next(b["url"] for b in answer.context["buttons"] if b["action"].name == "request_work")
        assert client.get(address).context["form"].kind == kind


@pytest.mark.parametrize("about", ["customers.customer:{}", "staff.user:1", "catalog.product:0x1", "nonsense", "a.b:1"])
def test_nobody_asks_about_rows_that_offer_nothing(client, about):
    login(client, "administrator")
    customer = make_customer()
    assert client.get(REQUEST, {"about": about.format(customer.pk)}).status_code == 404


def test_nobody_asks_about_rows_he_may_not_see(client):
    designer = login(client, "designer")  # sees no stock
    item = make_stock()
    url = f"{REQUEST}?kind=stock_check&about=inventory.stockitem:{item.pk}"
    assert client.get(url).status_code == 403
    assert client.post(url, {**ASKED, "brief_what": "Count"}).status_code == 403
    assert not Task.objects.exists()
    assert designer.has_perm("staff.add_task")


@pytest.mark.parametrize("query", ["kind=nonsense", "template=999999", "template=none", "kind=photo&template={}"])
def test_odd_addresses_are_refused(client, query):
    template = TaskTemplate.objects.create(code="t", kind="banner", title_en="T", role="designer")
    login(client, "ec_manager")
    assert client.get(f"{REQUEST}?{query.format(template.pk)}").status_code == 400


def test_the_plain_add_form_leads_to_the_request_page(client):
    login(client, "cs_agent")
    assert client.get(reverse("admin:staff_task_add"))["Location"] == REQUEST
