"""What every shop starts with: made once, then the shop's own."""

import pytest

from staff.models import CreativeSlot, TaskTemplate, TemplateItem
from staff.services import sync_task_seeds

pytestmark = pytest.mark.django_db


def test_an_empty_shop_gets_slots_and_templates():
    assert sync_task_seeds() == {"slots": 46, "templates": 14}

    slot = CreativeSlot.objects.get(code="naver-timeboard")
    assert (slot.width_px, slot.height_px, slot.size_rule, slot.max_kb) == (1660, 260, "exact", 200)
    assert (slot.formats, slot.safe_top, slot.text_limit) == (["jpeg", "png", "gif"], 0, None)
    assert slot.note == "Shown at 830 x 130; no border line, smallest letter 28 px."
    assert slot.search_text == "naver-timeboard 네이버 naver timeboard, desktop pc 타임보드 pcタイムボード 1660x260"
    template = TaskTemplate.objects.get(code="banner-campaign-set")
    assert (template.priority, template.role, template.lead_days) == (3, "designer", 2)
    assert template.review_roles == ["merchandiser", "ec_manager"]
    assert sorted(template.slots.values_list("code", flat=True)) == [
        "email-header",
        "own-category-strip",
        "own-hero-desktop",
        "own-hero-mobile",
        "own-popup",
    ]
    lines = list(template.items.values_list("position", "is_required"))
    assert lines == [(0, True), (1, True), (2, True), (3, True), (4, True), (5, True), (6, True), (7, False)]
    assert template.items.first().text_ja == "キャッチコピーとボタン文言が確定原稿どおり"


def test_what_the_shop_changed_stays_and_only_what_is_missing_comes():
    sync_task_seeds()
    CreativeSlot.objects.filter(code="naver-timeboard").update(width_px=1000, is_active=False)
    TaskTemplate.objects.filter(code="copy-translation").update(title_ko="번역")
    TemplateItem.objects.filter(template__code="copy-translation").delete()
    TaskTemplate.objects.get(code="stock-weekly-count").delete()

    assert sync_task_seeds() == {"slots": 0, "templates": 1}
    assert sync_task_seeds() == {"slots": 0, "templates": 0}
    slot = CreativeSlot.objects.get(code="naver-timeboard")
    assert (slot.width_px, slot.is_active) == (1000, False)
    template = TaskTemplate.objects.get(code="copy-translation")
    assert (template.title_ko, template.items.count()) == ("번역", 0)
    assert TaskTemplate.objects.get(code="stock-weekly-count").items.exists()
