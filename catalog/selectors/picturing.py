"""What still needs a picture, and whether a product's pictures are what its channels take."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.models import MediaFile, Product, ProductImage, ProductStatus, SalesChannel
from staff.adapters.pictures import Measured, check_against, sentence
from staff.models import CreativeSlot
from staff.services.proofs.checking import spec_of

# Amazon and Coupang take the main picture on pure white only; Rakuten also takes a photographed background
ON_WHITE = frozenset({"amazon", "coupang"})
WHITE_ENOUGH = 98  # percent of the edge: a shadow may touch it
MAIN_SLOT = r"(^|-)product(-main)?$"  # codes of the slots of a product's first picture


@dataclass(frozen=True, kw_only=True)
class PictureCheck:
    """What one channel says about the main picture: ``problems`` in sentences, none when it fits.

    ``fitting`` is the number (from 1) of another picture that would do, None without one.
    """

    channel: SalesChannel
    slot: CreativeSlot
    problems: list[str]
    fitting: int | None


def products_without_picture() -> QuerySet[Product]:
    """Return products on sale that nobody has pictured yet, the newest first."""
    return Product.objects.filter(status=ProductStatus.ACTIVE, image_path="").order_by("-pk")


def check_pictures(*, images: Sequence[ProductImage]) -> list[PictureCheck]:
    """Return one check for each slot of a main picture of each active channel; two queries.

    ``images`` are one product's, in order, with their ``media``. A channel whose platform has no such slot is left out.
    """
    channels = list(SalesChannel.objects.filter(is_active=True))
    kinds = {channel.kind for channel in channels}
    slots = list(CreativeSlot.objects.filter(platform_code__in=kinds, is_active=True, code__regex=MAIN_SLOT))
    return [
        _check(channel, slot, images) for channel in channels for slot in slots if slot.platform_code == channel.kind
    ]


def _check(channel: SalesChannel, slot: CreativeSlot, images: Sequence[ProductImage]) -> PictureCheck:
    if not images:
        return PictureCheck(channel=channel, slot=slot, problems=[_("There is no picture yet.")], fitting=None)
    problems = _problems(images[0].media, slot)
    others = enumerate(images[1:], start=2)
    fitting = next((number for number, other in others if not _problems(other.media, slot)), None)
    return PictureCheck(channel=channel, slot=slot, problems=problems, fitting=fitting if problems else None)


def _problems(media: MediaFile | None, slot: CreativeSlot) -> list[str]:
    if media is None:
        return [_("It was stored before pictures were measured. Replace it by the same file.")]
    measured = Measured(
        format=media.format, width=media.width, height=media.height, size_bytes=media.size_bytes, sha256=media.sha256
    )
    problems = [sentence(finding) for finding in check_against(measured, spec_of(slot)) if not finding.is_ok]
    if slot.platform_code in ON_WHITE and media.white_edge < WHITE_ENOUGH:
        problems.append(
            _("Needs a white background: %(percent)s %% of the edge is white.") % {"percent": media.white_edge}
        )
    return problems


def main_picture_problems(
    *, products: Sequence[Product], channels: Sequence[SalesChannel]
) -> dict[tuple[int, int], list[str]]:
    """Return what each channel says about the main pictures of many products, by (product id, channel id).

    Two queries for any number; what fits, and channels whose platform has no such slot, are left out.
    """
    kinds = {channel.kind for channel in channels}
    slots = list(CreativeSlot.objects.filter(platform_code__in=kinds, is_active=True, code__regex=MAIN_SLOT))
    if not slots or not products:
        return {}
    images = ProductImage.objects.filter(product__in=products).select_related("media")
    first: dict[int, ProductImage] = {}
    for image in images.order_by("product_id", "position", "id"):
        first.setdefault(image.product_id, image)
    found: dict[tuple[int, int], list[str]] = {}
    for channel in channels:
        for slot in [slot for slot in slots if slot.platform_code == channel.kind]:
            for product_id, image in first.items():
                if problems := _problems(image.media, slot):
                    found.setdefault((product_id, channel.pk), []).extend(problems)
    return found
