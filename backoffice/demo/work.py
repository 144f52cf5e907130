"""The tasks of the demo shop: asked for, worked on and judged through the services, then spread over the past."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Q
from django.utils import timezone

from backoffice.demo.banners import banner
from backoffice.demo.catalogue import PlannedProduct
from backoffice.demo.retiming import move_back, retime
from backoffice.demo.vocabulary import load
from backoffice.demo.work_rules import answers, workers
from catalog.models import Price, Product
from staff.models import CreativeSlot, Deliverable, Notification, Priority, Task, TaskStatus, TaskTemplate, User
from staff.services import (
    Request,
    assign_task,
    cancel_task,
    comment_on_task,
    complete_task,
    deliver_task,
    go_live,
    hold_task,
    request_task,
    start_task,
    tick_item,
)
from staff.services.proofs.checking import check_revision
from staff.services.proofs.deciding import decide
from staff.services.proofs.pinning import add_pin
from staff.services.proofs.reviewing import send_to_review
from staff.services.proofs.uploading import upload_revision
from staff.services.requests.depending import add_dependency
from staff.services.requests.grouping import create_group
from staff.services.work.timing import start_timer

# how far a story goes, in order
_WAY = ["submitted", "assigned", "in_progress", "in_review", "changes_requested", "approved", "delivered", "live"]
_COLOURS = ["#b5523b", "#3f6f8f", "#7d8f4e", "#8b5a83", "#c28f2c", "#4b5d78"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the stories need: people, goods, chance, and the moment of filling."""

    team: Mapping[str, User]
    products: Sequence[PlannedProduct]
    rng: random.Random
    now: datetime


def live_work(*, products: Sequence[PlannedProduct], history: int, seed: int) -> int:
    """Tell all stories and return how many tasks they made; ``history`` more were delivered in the last months.

    Deadlines count from the moment of filling, whatever moment the orders follow from: none may lie in the past.
    """
    stage = Stage(workers(), products, random.Random(seed), timezone.now())  # noqa: S311 an invented shop is no secret
    told = [_single(stage, entry) for entry in load("work")["tasks"]]
    told += _campaign(stage)
    told += [_shown(stage, entry) for entry in load("work")["live"]]
    told += [_past(stage, number) for number in range(history)]
    done = [task.pk for task in told if task.status in {TaskStatus.DELIVERED, TaskStatus.LIVE, TaskStatus.CANCELLED}]
    Notification.objects.filter(subject_id__in=done).update(read_at=stage.now)
    running = next(task for task in told if task.status == TaskStatus.IN_PROGRESS)
    start_timer(task_id=running.pk, actor=stage.team["designer"])
    return len(told)


def _single(stage: Stage, entry: Mapping[str, Any]) -> Task:
    due = stage.now + timedelta(days=max(1, entry["due"]), hours=2)
    task = _ask(stage, entry, due_at=due)
    task = _carry(stage, task, entry, stage.team.get(entry["worker"]))
    if entry["due"] < 1 or entry.get("hours"):
        move_back(
            task, timedelta(hours=entry.get("hours", 3)), due_at=stage.now + timedelta(days=entry["due"], hours=3)
        )
    return task


def _campaign(stage: Stage) -> list[Task]:
    plan = load("work")["campaign"]
    manager = stage.team["manager"]
    day = stage.now.date() + timedelta(days=plan["days"])
    group = create_group(name=plan["name"], go_live_on=day, actor=manager)
    made: dict[str, Task] = {}
    for entry in plan["tasks"]:
        task = _ask(stage, entry, go_live_on=day, group_id=group.pk)
        for before in entry["after"]:
            add_dependency(task_id=task.pk, depends_on_id=made[before].pk, actor=manager)
        made[entry["key"]] = _carry(stage, task, entry, stage.team.get(entry["worker"]))
    return list(made.values())


def _shown(stage: Stage, entry: Mapping[str, Any]) -> Task:
    """Bring one banner to the customers; what it shows differs from the price by ``shown``."""
    product = _product(stage, entry["product"])
    price = Price.objects.filter(Q(ends_at=None), variant__product=product, currency="KRW").order_by("pk").first()
    story = {**entry, "kind": "banner", "requester": "manager", "until": "live"}
    shown = {"shown_price": price.amount + entry["shown"], "shown_currency": "KRW"} if price else {}
    until = stage.now.date() + timedelta(days=20)
    task = _ask(stage, story, due_at=stage.now + timedelta(days=2), shown_until=until, **shown)
    task = _carry(stage, task, story, stage.team["designer"])
    retime(task, start=stage.now - timedelta(days=entry["days"]), rng=stage.rng)
    return task


def _past(stage: Stage, number: int) -> Task:
    """Let one task of the last months have gone its way, a few too late, some with a second round."""
    chance = stage.rng
    titles = load("work")["words"]["history"]
    kind = "banner" if number % 3 else "photo"
    worker = stage.team[("designer", "designer.sol", "designer.aoi")[number % 3]]
    story = {
        "kind": kind,
        "title": f"{titles[number % len(titles)]} {number + 1}",
        "requester": ("manager", "merchandiser", "manager", "quality")[number % 4],
        "slots": ["own-category-strip" if kind == "banner" else "own-product-main"],
        "words": "SALE",
        "until": "delivered",
        "rounds": chance.choice([0, 0, 0, 1, 1, 2]),
    }
    task = _ask(stage, story, due_at=stage.now + timedelta(days=3))
    task = _carry(stage, task, story, worker)
    retime(task, start=stage.now - timedelta(days=chance.uniform(6, 88)), rng=chance)
    return task


def _ask(stage: Stage, entry: Mapping[str, Any], **over: Any) -> Task:
    kind = entry["kind"]
    template = TaskTemplate.objects.filter(code=entry.get("template", "")).first()
    slots = CreativeSlot.objects.filter(code__in=entry.get("slots", ())).order_by("pk").values_list("pk", flat=True)
    request = Request(
        kind=kind,
        title=entry["title"],
        brief={**answers(kind), **({"headline": entry["words"]} if kind == "banner" else {})},
        template_id=template.pk if template else None,
        priority=entry.get("priority", Priority.NORMAL),
        estimate_minutes=stage.rng.choice([120, 180, 240, 360, 480]),
        subject=_product(stage, entry["product"]) if "product" in entry else None,
        slot_ids=list(slots) or None,
        review_roles=["ec_manager"] if slots or kind == "copy" else [],
        **over,
    )
    return request_task(request=request, actor=stage.team[entry["requester"]])


def _carry(stage: Stage, task: Task, entry: Mapping[str, Any], worker: User | None) -> Task:
    """Bring the task as far as the story goes."""
    manager = stage.team["manager"]
    until = entry["until"]
    if until == "cancelled":
        return cancel_task(task_id=task.pk, reason=entry["reason"], actor=manager)
    if worker is None:
        return task
    task = assign_task(task_id=task.pk, assignee_id=worker.pk, actor=manager)
    if until == "on_hold":
        return hold_task(task_id=task.pk, reason=entry["reason"], actor=manager)
    return task if until == "assigned" else _work(stage, task, entry, worker)


def _work(stage: Stage, task: Task, entry: Mapping[str, Any], worker: User) -> Task:
    """Start, and go on until the story ends."""
    goal = _WAY.index(entry["until"])
    task = start_task(task_id=task.pk, actor=worker)
    if goal == _WAY.index("in_progress"):
        return _halfway(stage, task, entry, worker)
    if not task.review_steps.exists():
        _tick(task, worker)
        return complete_task(task_id=task.pk, actor=worker)
    return _prove(stage, task, entry, worker, goal)


def _halfway(stage: Stage, task: Task, entry: Mapping[str, Any], worker: User) -> Task:
    if entry.get("upload"):
        _upload(stage, task, entry, worker, version=0)
    for item in task.checklist.all()[:2]:
        tick_item(item_id=item.pk, is_done=True, actor=worker)
    comment_on_task(task_id=task.pk, text=stage.rng.choice(load("work")["words"]["comments"]), actor=worker)
    return task


def _prove(stage: Stage, task: Task, entry: Mapping[str, Any], worker: User, goal: int) -> Task:
    """Upload, send to review, and let the manager judge, with as many rounds as the story has."""
    manager = stage.team["manager"]
    rounds = entry.get("rounds", 1 if entry["until"] == "changes_requested" else 0)
    for version in range(rounds + 1):
        revisions = _upload(stage, task, entry, worker, version=version)
        _tick(task, worker)
        task = send_to_review(task_id=task.pk, actor=worker)
        if goal == _WAY.index("in_review"):
            return task
        if version == rounds and goal >= _WAY.index("approved"):
            task = decide(
                task_id=task.pk, verdict="approved", revision_ids=revisions, accept_open_pins=True, actor=manager
            )
            break
        place = stage.rng.randrange(2500, 7500)
        remark = stage.rng.choice(load("work")["words"]["remarks"])
        add_pin(revision_id=revisions[0], x=place, y=10_000 - place, text=remark, actor=manager)
        task = decide(task_id=task.pk, verdict="changes_requested", revision_ids=revisions, note=remark, actor=manager)
        if goal == _WAY.index("changes_requested"):
            return task
    if goal >= _WAY.index("delivered"):
        task = deliver_task(task_id=task.pk, actor=manager)
    return go_live(task_id=task.pk, actor=manager) if goal == _WAY.index("live") else task


def _upload(stage: Stage, task: Task, entry: Mapping[str, Any], worker: User, *, version: int) -> list[int]:
    ids = []
    for place, deliverable in enumerate(task.deliverables.select_related("slot")):
        if deliverable.slot is None and entry["kind"] == "copy":
            made = upload_revision(deliverable_id=deliverable.pk, text=entry.get("text", task.title), actor=worker)
        else:
            name = f"{task.number.lower()}-{place + 1}-v{version + 1}.jpg"
            content = ContentFile(_draw(stage, deliverable, entry, version), name=name)
            made = upload_revision(deliverable_id=deliverable.pk, file=content, filename=name, actor=worker)
            check_revision(made.pk)
        ids.append(made.pk)
    return ids


def _draw(stage: Stage, deliverable: Deliverable, entry: Mapping[str, Any], version: int) -> bytes:
    goods = stage.products[entry.get("product", stage.rng.randrange(20)) % len(stage.products)]
    slot = deliverable.slot
    size = (slot.width_px, slot.height_px) if slot else (1200, 1200)
    return banner(
        size=size,
        shape=goods.shape,
        colour=_COLOURS[(deliverable.pk + version) % len(_COLOURS)],
        words=entry.get("words") or "",
        mirrored=version % 2 == 1,
    )


def _tick(task: Task, worker: User) -> None:
    for item in task.checklist.filter(done_at=None, is_required=True):
        tick_item(item_id=item.pk, is_done=True, actor=worker)


def _product(stage: Stage, rank: int) -> Product:
    return Product.objects.get(code=stage.products[rank % len(stage.products)].code)
