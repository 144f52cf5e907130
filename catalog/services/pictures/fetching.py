"""Pictures that files name: noted with the import, fetched by a worker afterwards, one by one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import ProductImage, WantedPicture, WantedState
from catalog.policies import can_add_pictures
from catalog.services.pictures.picturing import add_image, assign_image, remove_image
from core.copying import copy_rows, draw_ids
from core.errors import Conflict, DomainError, NotAllowed
from core.jobs import enqueue
from core.models import Job, JobState
from staff.models import User

JOB = "catalog.fetch_pictures"


@dataclass(frozen=True, kw_only=True)
class PictureWish:
    """A picture of a product by address or file name; ``place`` among those of the product."""

    product_id: int
    source: str
    place: int = 0
    alt_text: str = ""
    variant_id: int | None = None


@transaction.atomic
def want_pictures(
    *, wishes: Sequence[PictureWish], table_import_id: int | None = None, actor: User | None = None
) -> list[int]:
    """Note the pictures, let a worker fetch them after the commit and return the ids of the wishes, in order.

    NotAllowed without the right to add pictures.
    """
    if actor is not None and not can_add_pictures(actor):
        raise NotAllowed(_("You may not add pictures."))
    ids = draw_ids(WantedPicture, len(wishes))
    copy_rows(
        WantedPicture,
        ("id", "table_import_id", "product_id", "variant_id", "place", "source", "alt_text", "state", "reason"),
        (
            (
                pk,
                table_import_id,
                wish.product_id,
                wish.variant_id,
                wish.place,
                wish.source,
                wish.alt_text[:200],
                WantedState.WAITING.value,
                "",
            )
            for pk, wish in zip(ids, wishes, strict=True)
        ),
    )
    if ids:
        _fetch(table_import_id, actor)
    return ids


@transaction.atomic
def retry_pictures(*, table_import_id: int, actor: User | None = None) -> int:
    """Let the refused pictures of an import be fetched once more and return how many; NotAllowed without the right."""
    if actor is not None and not can_add_pictures(actor):
        raise NotAllowed(_("You may not add pictures."))
    count = WantedPicture.objects.filter(table_import=table_import_id, state=WantedState.REFUSED).update(
        state=WantedState.WAITING, reason="", finished_at=None
    )
    if count:
        _fetch(table_import_id, actor)
    return count


def _fetch(table_import_id: int | None, actor: User | None) -> None:
    parameters = {"table_import": table_import_id}
    # a worker that has begun may have passed these already, one that waits will find them
    if Job.objects.filter(kind=JOB, state=JobState.QUEUED, parameters=parameters).exists():
        return
    enqueue(kind=JOB, title=_("Pictures of an import"), parameters=parameters, owner=actor)


@transaction.atomic
def settle_picture(*, wanted_id: int, file: Any = None, problem: str = "", actor: User | None = None) -> WantedPicture:
    """Put the fetched ``file`` on the product, or note the ``problem``; return what became of the wish.

    Twice is harmless: one that is settled already is returned as it is. Bytes that the product shows already are not
    shown twice. What the storing service refuses is noted with its sentence.
    """
    wanted = WantedPicture.objects.select_for_update(of=("self",)).get(pk=wanted_id)
    if wanted.state != WantedState.WAITING:
        return wanted
    if not problem:
        try:
            with transaction.atomic():
                wanted.image = _added(wanted, file, actor)
        except DomainError as error:
            problem = str(error)
    wanted.state = WantedState.REFUSED if problem else WantedState.DONE
    wanted.reason, wanted.finished_at = problem[:300], timezone.now()
    wanted.save(update_fields=["state", "reason", "image", "finished_at"])
    return wanted


def _added(wanted: WantedPicture, file: Any, actor: User | None) -> ProductImage | None:
    file.seek(0)
    try:
        with transaction.atomic():
            return add_image(
                product_id=wanted.product_id,
                file=file,
                alt_text=wanted.alt_text,
                variant_id=wanted.variant_id,
                only_new=True,
                actor=actor,
            )
    except Conflict:
        return _assigned(wanted, actor)


def _assigned(wanted: WantedPicture, actor: User | None) -> ProductImage | None:
    """Return None for a picture that the product has already: which of them it is says nothing new."""
    if wanted.variant_id is None or wanted.image_id is None:
        return None
    return assign_image(image_id=wanted.image_id, variant_id=wanted.variant_id, actor=actor)


@transaction.atomic
def forget_pictures(*, wanted_ids: Collection[int], reason: str, actor: User | None = None) -> dict[int, str]:
    """Take wishes back: pictures they brought go, others are not fetched any more; return wish -> why it stays.

    An approval that saw one of these pictures is taken back.
    """
    stays = {}
    for wanted in WantedPicture.objects.select_for_update(of=("self",)).filter(pk__in=wanted_ids).order_by("pk"):
        try:
            with transaction.atomic():
                if wanted.image_id is not None:
                    remove_image(image_id=wanted.image_id, reason=reason, actor=actor)
                wanted.delete()
        except DomainError as error:
            stays[wanted.pk] = str(error)
    return stays
