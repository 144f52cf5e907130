"""What a slot is called: malls by their own names, our own shop in the reader's language."""

from django.utils.translation import override

from staff.models import CreativeSlot


def test_our_own_shop_is_named_in_the_readers_language():
    slot = CreativeSlot(
        platform="Own shop", placement_en="Popup", placement_ja="ポップアップ", width_px=800, height_px=1000
    )
    with override("ja"):
        assert str(slot) == "自社EC · ポップアップ (800 × 1000 px)"
    with override("en"):
        assert str(slot) == "Own shop · Popup (800 × 1000 px)"
    assert CreativeSlot(platform="楽天市場").platform_name == "楽天市場"
