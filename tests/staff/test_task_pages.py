"""The task list, the page of a task, and the request page, as people of different roles use them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import tablib
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from core.ui.tiles import tiles_for
from staff.admin.resources import CreativeSlotResource, TaskTemplateResource
from staff.models import CreativeSlot, Task, TaskGroup, TaskTemplate
from staff.services import Request, assign_task, request_task, sync_task_seeds
from tests.admin.pressing import opened, press, press_many, said
from tests.factories import make_customer, make_order, make_stock, make_variant
from tests.staff.making import brief_for, make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul
REQUEST = "/admin/staff/task/request/"
KEY = {"_key": "0" * 32}
ANSWERS = {"brief_goal": "Sell", "brief_headline": "봄 세일"}
ASKED = {"title": "Spring banner", "priority": "2", "role": "designer", "save": "submit", **KEY}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def login(client, role, **over):
    user = make_colleague(role, **over)
    client.force_login(user)
    return user


def page_of(client, task):
    answer = client.get(reverse("admin:staff_task_change", args=[task.pk]))
    assert answer.status_code == 200
    return answer


def buttons(answer):
    """Name the buttons, without the way to the versions, which everybody has."""
    return [button["action"].name for button in answer.context["buttons"] if button["action"].name != "proof"]


def last(answer):
    return said(answer)[-1:]


def panel_keys(answer):
    return [item["panel"].key for item in [*answer.context["panels_above"], *answer.context["panels"]]]


# --- the list


def rows(client, tab=""):
    answer = client.get(reverse("admin:staff_task_changelist") + (f"?tab={tab}" if tab else ""))
    return [task.pk for task in answer.context["cl"].result_list]


def test_tabs_show_what_concerns_the_person(client):
    manager, designer = make_colleague("ec_manager"), login(client, "designer")
    mine = make_started_task(by=manager, worker=designer)
    queue = make_task(by=manager)
    other_queue = make_task(by=manager, kind="stock_check")
    draft = request_task(request=Request(kind="general", title="Later"), submit=False, actor=designer)
    Task.objects.filter(pk=mine.pk).update(due_at=timezone.now() - timedelta(days=1))

    assert rows(client) == [mine.pk]
    assert rows(client, "unclaimed") == [queue.pk]
    assert rows(client, "overdue") == [mine.pk]
    assert rows(client, "drafts") == [draft.pk]
    assert rows(client, "decide") == []
    assert set(rows(client, "all")) == {mine.pk, queue.pk, other_queue.pk, draft.pk}
    client.force_login(manager)
    assert set(rows(client)) == {queue.pk, other_queue.pk}
    assert set(rows(client, "requested")) == {mine.pk, queue.pk, other_queue.pk}


def test_a_number_finds_its_task_and_what_it_is_about_is_a_link(client):
    login(client, "ec_manager")
    product = make_variant().product
    task, _other = make_task(subject=product), make_task()
    answer = client.get(reverse("admin:staff_task_changelist"), {"q": task.number})
    assert [row.pk for row in answer.context["cl"].result_list] == [task.pk]
    assert f'<a href="/admin/catalog/product/{product.pk}/change/">' in answer.content.decode()


# --- the page of one task


def test_buttons_follow_right_and_state(client):
    manager, designer = make_colleague("ec_manager"), login(client, "designer")
    task = make_task(by=manager)
    assert buttons(page_of(client, task)) == ["claim", "watch"]
    assert said(press(client, task, "claim")) == [f"{task.number} is yours."]
    assert buttons(page_of(client, task)) == ["start", "give_back"]
    press(client, task, "start")
    assert buttons(page_of(client, task)) == ["send_to_review", "give_back"]
    client.force_login(make_colleague("warehouse"))
    assert buttons(page_of(client, task)) == ["watch"]
    client.force_login(manager)
    assert buttons(page_of(client, task)) == [
        "give_back",
        "give",
        "reschedule",
        "hold",
        "cancel",
    ]
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("in_progress", designer)


def test_the_manager_gives_a_task_to_who_is_suggested(client):
    login(client, "ec_manager")
    designer, other = make_colleague("designer"), make_colleague("merchandiser")
    task = make_task()
    dialog = client.get(reverse("admin:staff_task_press", args=[task.pk, "give"])).content.decode()
    assert f'value="{designer.pk}"' in dialog
    assert said(press(client, task, "give", suggested=designer.pk)) == [f"{task.number} is given to {designer}."]
    press(client, task, "give", suggested="", somebody=other.pk)
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("assigned", other)


def test_many_tasks_are_directed_from_the_list(client):
    manager = login(client, "ec_manager")
    designer, first, second = make_colleague(), make_task(by=manager), make_task(by=manager)
    ids = [first.pk, second.pk]
    assert last(press_many(client, Task, "give_many", ids, somebody=designer.pk)) == ["2 done"]
    assert last(press_many(client, Task, "reprioritise_many", ids, priority=4)) == ["2 done"]
    assert last(press_many(client, Task, "reschedule_many", ids, due_at="2020-01-01T10:00")) == [
        f"0 done, 2 refused: The deadline lies in the past. Choose a later one. ({first.number}, {second.number})"
    ]
    assert last(press_many(client, Task, "cancel_many", ids, reason="Campaign is off")) == ["2 done"]
    assert (
        list(Task.objects.filter(pk__in=ids).values_list("status", "priority", "assignee"))
        == [("cancelled", 4, designer.pk)] * 2
    )


def part(client, task, name, **data):
    return client.post(reverse("admin:staff_task_part", args=[task.pk, name]), data)


def test_a_line_is_ticked_with_one_press_by_who_has_the_task(client):
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_started_task(by=manager, worker=designer, checklist=["Logo"])
    item = task.checklist.get()
    login(client, "merchandiser")
    assert part(client, task, "tick", item=item.pk, done=1).status_code == 302
    item.refresh_from_db()
    assert item.done_at is None
    client.force_login(designer)
    answer = client.post(
        reverse("admin:staff_task_part", args=[task.pk, "tick"]),
        {"item": item.pk, "done": 1},
        headers={"HX-Request": "true"},
    )
    assert 'aria-checked="true"' in answer.content.decode()
    item.refresh_from_db()
    assert item.done_by == designer
    part(client, task, "tick", item=item.pk, done=0)
    item.refresh_from_db()
    assert item.done_at is None


def test_parts_of_other_tasks_and_odd_presses_are_refused(client):
    manager = login(client, "ec_manager")
    task, other = make_task(by=manager, checklist=["A"]), make_task(by=manager, checklist=["B"])
    foreign = other.checklist.get()
    assert part(client, task, "remove-line", item=foreign.pk).status_code == 404
    assert part(client, task, "tick", item="1; drop").status_code == 404
    assert part(client, task, "explode").status_code == 404
    assert client.get(reverse("admin:staff_task_part", args=[task.pk, "tick"])).status_code == 405
    assert other.checklist.count() == 1


def test_comments_files_and_lines_are_added_on_the_page(client):
    manager = login(client, "ec_manager")
    task = make_task(by=manager)
    part(client, task, "comment", text="Use the new logo <script>alert(1)</script>")
    part(client, task, "comment", text="  ")
    part(client, task, "add-line", text="Check the price")
    file = SimpleUploadedFile("../<b>logo.svg", b"<svg onload=alert(1)>")
    part(client, task, "attach", files=[file])
    assert [comment.author for comment in task.comments.all()] == [manager]
    assert [item.text for item in task.checklist.all()] == ["Check the price"]
    attachment = task.attachments.get()
    page = page_of(client, task).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert attachment.filename == "_b_logo.svg"
    assert client.get(f"/files/{attachment.file.name}")["Content-Disposition"].startswith("attachment")
    part(client, task, "detach", item=attachment.pk)
    assert not task.attachments.exists()


def test_the_form_is_for_requester_and_who_directs(client):
    requester = login(client, "merchandiser")
    task = make_task(by=requester)
    data = {
        "title": "New title",
        "brief_goal": "Sell more",
        "brief_headline": "봄",
        "priority": 3,
        "role": "designer",
        "estimate_minutes": 30,
        "shown_price": "12,000",
        "shown_currency": "KRW",
    }
    url = reverse("admin:staff_task_change", args=[task.pk])
    answer = client.post(url, {**opened(client, task), **data})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    task.refresh_from_db()
    assert (task.title, task.brief) == ("New title", {"goal": "Sell more", "headline": "봄"})
    assert (task.priority, task.shown_price, task.shown_currency, task.estimate_minutes) == (3, 12000, "KRW", 30)
    login(client, "designer")
    assert list(page_of(client, task).context["adminform"]) == []
    assert client.post(url, data).status_code == 403


def test_two_people_edit_one_task_and_the_second_sees_both_values(client):
    requester = login(client, "ec_manager")
    task = make_task(by=requester)
    token = opened(client, task)
    answers = {"brief_goal": "Answer to goal", "brief_headline": "Answer to headline"}
    same = {"title": task.title, **answers, "priority": 2, "role": "designer", "estimate_minutes": 60}
    client.post(reverse("admin:staff_task_change", args=[task.pk]), {**token, **same, "title": "Theirs"})
    answer = client.post(reverse("admin:staff_task_change", args=[task.pk]), {**token, **same, "title": "Mine"})
    assert answer.status_code == 200
    assert "Somebody else changed this meanwhile" in answer.content.decode()
    task.refresh_from_db()
    assert task.title == "Theirs"


# --- asking for work


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


def test_a_task_of_a_closed_colleague_still_opens(client):
    manager = login(client, "ec_manager")
    designer = make_colleague()
    task = make_task(by=manager, brief={**brief_for("banner"), "references": "https://example.com/a?b=<i>"})
    assign_task(task_id=task.pk, assignee_id=designer.pk, actor=manager)
    type(designer).objects.filter(pk=designer.pk).update(is_active=False)
    answer = page_of(client, task)
    assert panel_keys(answer)[:4] == ["brief", "checklist", "deliverables", "comments"]
    assert "<i>" not in answer.content.decode().split("panel-brief")[1].split("</section>")[0]


def test_a_task_asked_for_on_a_group_s_page_belongs_to_the_group(client):
    manager = login(client, "ec_manager")
    day = timezone.localdate() + timedelta(days=30)
    group = TaskGroup.objects.create(name="Spring", go_live_on=day, owner=manager)
    url = f"{REQUEST}?kind=banner&about=staff.taskgroup:{group.pk}"
    assert client.get(url).context["go_live_on"] == day.isoformat()
    client.post(url, {**ASKED, **ANSWERS, "go_live_on": day.isoformat()})
    assert list(Task.objects.values_list("group", "subject_id", "go_live_on")) == [(group.pk, None, day)]


def test_lists_say_kinds_in_words(client):
    login(client, "ec_manager")
    make_task()
    sync_task_seeds()
    page = client.get(reverse("admin:staff_task_changelist")).content.decode()
    assert '<td data-label="Kind">Banner' in page
    page = client.get(reverse("admin:staff_tasktemplate_changelist")).content.decode()
    assert '<td data-label="Role">Designer' in page
    assert "Merchandiser → EC manager" in page


# --- slots and templates


def test_a_slot_is_changed_with_its_rules_and_stays_findable(client):
    sync_task_seeds()
    login(client, "ec_manager")
    slot = CreativeSlot.objects.get(code="instagram-story")
    url = reverse("admin:staff_creativeslot_change", args=[slot.pk])
    data = {
        "code": slot.code,
        "platform": slot.platform,
        "platform_code": slot.platform_code,
        "placement_en": "Story in the evening",
        "width_px": 1080,
        "height_px": 1920,
        "size_rule": "exact",
        "formats": ["jpeg"],
        "safe_top": 269,
        "safe_bottom": 384,
        "safe_left": 0,
        "safe_right": 0,
        "is_active": "on",
    }
    bad = client.post(url, {**opened(client, slot), **data, "safe_left": 600, "safe_right": 480, "formats": ["exe"]})
    assert bad.context["adminform"].form.errors == {
        "formats": ["Select a valid choice. exe is not one of the available choices."],
        "safe_left": ["The safe area must leave room inside the picture."],
    }
    assert client.post(url, {**opened(client, slot), **data}).status_code == 302
    slot.refresh_from_db()
    assert (slot.placement_en, slot.formats, slot.size_rule) == ("Story in the evening", ["jpeg"], "exact")
    assert "story in the evening" in slot.search_text
    assert 'viewBox="-9.6 -9.6 1099.2 1939.2"' in client.get(url).content.decode()


def test_templates_and_slots_leave_and_come_back_as_files():
    sync_task_seeds()
    for resource, model in ((CreativeSlotResource(), CreativeSlot), (TaskTemplateResource(), TaskTemplate)):
        before = list(model.objects.order_by("pk").values())
        dataset = resource.export()
        result = resource.import_data(dataset, raise_errors=True)
        assert (result.totals["new"], result.totals["update"]) == (0, 0)
        model.objects.filter(pk=before[0]["id"]).update(is_active=False)
        assert resource.import_data(dataset, raise_errors=True).totals["update"] == 1
        assert list(model.objects.order_by("pk").values()) == before


def test_a_file_with_a_format_nobody_can_check_is_refused():
    sync_task_seeds()
    resource = CreativeSlotResource()
    dataset = tablib.Dataset(["naver-timeboard", "exe"], headers=["code", "formats"])
    result = resource.import_data(dataset)
    assert result.has_validation_errors() or result.has_errors()
    assert CreativeSlot.objects.get(code="naver-timeboard").formats == ["jpeg", "png", "gif"]


def test_a_template_is_changed_with_its_lines_and_who_looks_may_not(client):
    login(client, "ec_manager")
    template = TaskTemplate.objects.create(
        code="t", kind="banner", title_en="T", role="designer", review_roles=["merchandiser"]
    )
    item = template.items.create(text_en="Logo")
    url = reverse("admin:staff_tasktemplate_change", args=[template.pk])
    data = {
        "code": "t",
        "kind": "banner",
        "title_en": "T",
        "role": "designer",
        "priority": 2,
        "estimate_minutes": 60,
        "lead_days": 1,
        "revision_limit": 3,
        "review_roles_0": "merchandiser",
        "review_roles_1": "ec_manager",
        "is_active": "on",
        "items-TOTAL_FORMS": 2,
        "items-INITIAL_FORMS": 1,
        "items-0-id": item.pk,
        "items-0-template": template.pk,
        "items-0-position": 0,
        "items-0-text_en": "Logo",
        "items-0-DELETE": "on",
        "items-1-template": template.pk,
        "items-1-position": 1,
        "items-1-text_ko": "가격 확인",
        "items-1-is_required": "on",
    }
    assert client.post(url, {**opened(client, template), **data}).status_code == 302
    template.refresh_from_db()
    assert template.review_roles == ["merchandiser", "ec_manager"]
    assert list(template.items.values_list("text_ko", flat=True)) == ["가격 확인"]
    twice = client.post(url, {**opened(client, template), **data, "review_roles_1": "merchandiser"})
    assert twice.context["adminform"].form.errors == {"review_roles": ["Each role approves once."]}
    login(client, "designer")
    assert client.get(url).status_code == 200
    assert client.post(url, data).status_code == 403


# --- home and search


def tiles_of(user):
    request = RequestFactory().get("/admin/")
    request.user = user
    return {shown.tile.key: shown.content for shown in tiles_for(request)}


def test_home_shows_own_tasks_and_who_directs_sees_the_queue():
    cache.clear()
    manager, designer = make_colleague("ec_manager"), make_colleague("designer")
    make_started_task(by=manager, worker=designer, title="My banner")
    make_task(by=manager, title="In the queue")
    tiles = tiles_of(designer)
    assert [row.title for row in tiles["staff.my_tasks"].rows] == ["My banner"]
    assert "staff.unclaimed" not in tiles
    tiles = tiles_of(manager)
    assert (tiles["staff.unclaimed"].value, tiles["staff.unclaimed"].level) == ("1", "warning")
    assert "staff.my_tasks" not in tiles


def test_the_search_box_finds_tasks(client):
    login(client, "ec_manager")
    task = make_task(title="Chuseok banner")
    assert f"/admin/staff/task/{task.pk}/change/" in client.get("/admin/search/?s=chuseok").content.decode()
    assert task.number in client.get(f"/admin/search/?s={task.number}").content.decode()
