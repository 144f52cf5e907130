"""The board under a real mouse: a drop moves the card, a refused one comes back and says why."""

from playwright.sync_api import expect

from staff.models import Role, Task
from staff.services import assign_task, start_task
from tests.browser.conftest import make_colleague
from tests.staff.making import make_task


def drag(page, card, column):
    start, end = page.locator(card).bounding_box(), page.locator(column).bounding_box()
    page.mouse.move(start["x"] + 60, start["y"] + 30)
    page.mouse.down()
    page.mouse.move(start["x"] + 80, start["y"] + 40, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 120, steps=12)
    page.mouse.up()


def test_a_card_is_claimed_by_a_drop_and_comes_back_when_refused(open_desk, shop):
    desk = open_desk(Role.DESIGNER)
    boss = make_colleague("boss", Role.EC_MANAGER)
    task, stock = make_task(by=boss), make_task(by=boss, kind="stock_check")
    desk.open("/admin/board/")
    page = desk.page
    column = page.locator("[data-column=assigned]")

    drag(page, f"#card-{task.pk}", "[data-column=assigned]")
    expect(page.locator("#toast")).to_contain_text(f"{task.number} is in “Assigned” now")
    expect(column.locator(f"#card-{task.pk}")).to_be_visible()
    task.refresh_from_db()
    assert task.status == "assigned"

    me = task.assignee_id
    for _number in range(3):
        other = make_task(by=boss)
        assign_task(task_id=other.pk, assignee_id=me, actor=boss)
        start_task(task_id=other.pk, actor=boss)
    drag(page, f"#card-{task.pk}", "[data-column=in_progress]")
    expect(page.locator("#toast")).to_contain_text("3 tasks in progress (limit 3)")
    expect(column.locator(f"#card-{task.pk}")).to_be_visible()
    assert Task.objects.get(pk=task.pk).status == "assigned"
    assert page.locator(f"#card-{stock.pk}").get_attribute("draggable") is None

    page.locator(f"#card-{task.pk} .card-menu").press("Enter")
    page.locator("dialog#dialog[open]").get_by_role("button", name="Back to the queue").click()
    expect(page.locator(f"[data-column=submitted] #card-{task.pk}")).to_be_visible()
    # the browser itself notes the refusal that was meant to be
    desk.complaints[:] = [complaint for complaint in desk.complaints if "409" not in complaint]
