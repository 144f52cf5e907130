"""Approved work of designers comes home: pictures onto the product they were asked for."""

from collections.abc import Collection

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.models import Product, ProductStatus
from catalog.services.pictures.picturing import add_image, replace_image
from staff.models import Revision, Task, TaskStatus, User
from staff.selectors import tasks_about
from staff.services import deliver_task, go_live, retire_task
from staff.services.work.moving import lock_task, lock_tasks

# what a shop page can show; a layered original stays with the task
SHOWABLE = frozenset({"png", "jpeg", "webp"})
_DONE = frozenset({TaskStatus.APPROVED, TaskStatus.DELIVERED, TaskStatus.LIVE})


@transaction.atomic
def receive_creatives(
    *, task_id: int, product_id: int, revision_ids: Collection[int], actor: User | None = None
) -> int:
    """Add the approved versions as pictures of the product and return how many were new; the task is delivered.

    Each version is taken once and replaces an older one of the same deliverable; it brings the usage rights of its
    task. The task is live at once where the product is on sale. Versions that no shop page can show are left with the
    task; a task without any other stays approved. Of a task that was taken up again, or called off, before this came
    nothing is taken: what is wanted now is approved anew.
    """
    product = Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)
    task = lock_task(task_id)
    if task.status not in _DONE:
        return 0
    wanted = Revision.objects.filter(pk__in=revision_ids, format__in=SHOWABLE).order_by("deliverable__position", "pk")
    taken = set(product.images.filter(source__in=wanted).values_list("source_id", flat=True))
    fresh = [revision for revision in wanted if revision.pk not in taken]
    for revision in fresh:
        _take(product, revision, task)
    if (fresh or taken) and task.status == TaskStatus.APPROVED:
        deliver_task(task_id=task.pk, place=_("pictures of %(product)s") % {"product": product.code}, actor=actor)
        if product.status == ProductStatus.ACTIVE:
            go_live(task_id=task.pk, actor=actor)
    return len(fresh)


@transaction.atomic
def show_creatives(*, product_id: int, actor: User | None = None) -> int:
    """Let delivered pictures be live, because the product goes on sale; return how many tasks went live."""
    delivered = tasks_about(Product, [product_id]).filter(status=TaskStatus.DELIVERED, deliverables__isnull=False)
    ids = _still(TaskStatus.DELIVERED, delivered)
    for pk in ids:
        go_live(task_id=pk, actor=actor)
    return len(ids)


@transaction.atomic
def retire_creatives(*, product_id: int, actor: User | None = None) -> int:
    """Retire the tasks whose pictures nobody sees any more, because the product has ended; return their number."""
    ids = _still(TaskStatus.LIVE, tasks_about(Product, [product_id]).filter(status=TaskStatus.LIVE))
    for pk in ids:
        retire_task(task_id=pk, reason=_("The product is no longer sold."), actor=actor)
    return len(ids)


def _still(status: TaskStatus, tasks: "QuerySet[Task]") -> list[int]:
    """Return those that are so under their locks: a designer must not spoil the sale by a press in between."""
    ids = list(tasks.order_by("pk").values_list("pk", flat=True).distinct())
    return [task.pk for task in lock_tasks(ids) if task.status == status]


def _take(product: Product, revision: Revision, task: Task) -> None:
    """Put the version in the place of an older one of the same deliverable, else after the other pictures."""
    with revision.file.open("rb") as source:
        content = ContentFile(source.read(), name=f"picture.{revision.format}")
    # the right to ask was checked when the task was opened, the right to approve when it was approved
    older = product.images.filter(source__deliverable=revision.deliverable_id).first()
    if older is None:
        image = add_image(product_id=product.pk, file=content, alt_text=revision.text[:200], is_judged=True)
    else:
        words = revision.text[:200] or older.alt_text
        image = replace_image(image_id=older.pk, file=content, alt_text=words, is_judged=True)
    image.source, image.usage_rights, image.rights_until = revision, task.usage_rights, task.rights_until
    image.save(update_fields=["source", "usage_rights", "rights_until"])
