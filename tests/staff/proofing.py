"""Files and stories of proofs for tests."""

from io import BytesIO
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from staff.models import CreativeSlot, Deliverable, Revision, Task, User
from staff.services import send_to_review, upload_revision
from tests.staff.making import make_colleague, make_started_task

_numbers = count(1)


def png(width: int = 860, height: int = 500) -> bytes:
    """Return a picture that no other call returns."""
    number = next(_numbers)
    out = BytesIO()
    Image.new("RGB", (width, height), (number % 256, number // 256 % 256, 90)).save(out, "PNG")
    return out.getvalue()


def upload_of(content: bytes, name: str = "banner.png") -> SimpleUploadedFile:
    """Return the bytes as a browser sends them."""
    return SimpleUploadedFile(name, content)


def make_slot(**over: Any) -> CreativeSlot:
    """Make a slot of 860 x 500 px for PNG and JPEG up to 500 KB."""
    values = {
        "code": f"slot-{next(_numbers)}",
        "platform": "Own shop",
        "platform_code": "own",
        "placement_en": "Hero",
        "width_px": 860,
        "height_px": 500,
        "max_kb": 500,
        "formats": ["png", "jpeg"],
    }
    return CreativeSlot.objects.create(**{**values, **over})


def make_banner(*, slots: int = 1, roles: tuple[str, ...] = ("ec_manager",), **over: Any) -> Task:
    """Make a banner task that a designer works on, with so many deliverables and these approval steps."""
    slot_ids = [make_slot().pk for _ in range(slots)]
    return make_started_task(slot_ids=slot_ids, review_roles=roles, **over)


def upload(
    task: Task, content: bytes | None = None, *, place: int = 0, name: str = "banner.png", **over: Any
) -> Revision:
    """Upload a version of one deliverable as the assignee; one that fits unless something else is given."""
    return upload_revision(
        deliverable_id=deliverable_of(task, place).pk,
        file=upload_of(png() if content is None else content, name),
        **{"actor": worker_of(task), **over},
    )


def deliverable_of(task: Task, place: int = 0) -> Deliverable:
    """Return one deliverable of the task."""
    return list(task.deliverables.all())[place]


def worker_of(task: Task) -> User:
    """Return who has the task."""
    assert task.assignee is not None
    return task.assignee


def make_reviewed_task(**over: Any) -> tuple[Task, list[Revision], User]:
    """Make a banner task in review; return it, its versions, and an EC manager who may judge it."""
    task = make_banner(**over)
    revisions = [upload(task, place=place) for place in range(task.deliverables.count())]
    return send_to_review(task_id=task.pk, actor=worker_of(task)), revisions, task.requester


def make_reviewer(role: str = "ec_manager", **over: Any) -> User:
    """Make a colleague who may judge work of his role's steps."""
    return make_colleague(role, **over)
