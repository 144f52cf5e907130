"""Templates and slots of creative work, on their pages and as files."""

import pytest
import tablib
from django.urls import reverse

from staff.admin.resources import CreativeSlotResource, TaskTemplateResource
from staff.models import CreativeSlot, TaskTemplate
from staff.services import sync_task_seeds
from tests.admin.pressing import opened
from tests.staff.making import make_task
from tests.staff.task_desk import login

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_lists_say_kinds_in_words(client):
    login(client, "ec_manager")
    make_task()
    sync_task_seeds()
    page = client.get(reverse("admin:staff_task_changelist")).content.decode()
    assert '<td data-label="Kind">Banner' in page
    page = client.get(reverse("admin:staff_tasktemplate_changelist")).content.decode()
    assert '<td data-label="Role">Designer' in page
    assert "Merchandiser → EC manager" in page


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
