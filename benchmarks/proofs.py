"""Large creative files: a 30 MB JPEG and a 30 MB PNG of 40 megapixels uploaded, checked against a slot, drawn small.

    python -m benchmarks proofs [--rounds 5]

Through the services, as page and worker do it; each upload and each check in a process of its own, whose peak of memory
is that of the work. Beside it a banner of usual size, which is checked while its uploader waits.
"""

import argparse
import multiprocessing
import random
import resource
import shutil
import statistics
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image

from backoffice.runner.preparation import disconnect
from benchmarks.people import manager
from benchmarks.report import Figure, publish
from core import jobs
from core.models import Job
from staff.models import CreativeSlot, Deliverable, Revision, Role
from staff.services import Request, assign_task, request_task, set_user_roles, upload_revision

SECONDS, MEGABYTES = 10, 500  # an answer while one gets a coffee; what a small worker can hold
WAIT_MS = 1000
SIZE = (7600, 5200)  # 39.5 megapixels: close to the most that is taken


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="benchmarks proofs")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    place = deliverable()
    figures = []
    for name, path in {"JPEG": photo("jpg", quality=95), "PNG": photo("png", compress_level=1)}.items():
        figures += heavy(f"{name}, {path.stat().st_size / 2**20:.0f} MB", path, place, rounds)
    figures.append(light(place, rounds))
    shutil.rmtree(settings.MEDIA_ROOT)  # hundreds of megabytes that nobody asks for again
    return publish("proofs", figures, f"files of {SIZE[0]:,} × {SIZE[1]:,} px, each step in a process of its own")


def heavy(name: str, path: Path, place: int, rounds: int) -> list[Figure]:
    """Return what uploading and checking one file takes."""
    uploads, checks = [], []
    for _round in range(rounds):
        uploads.append(apart(partial(upload, path, place)))
        job = Job.objects.filter(kind="staff.check_revision").latest("pk")
        checks.append(apart(partial(jobs.run, job.pk)))
        revision = Revision.objects.get(pk=job.parameters["revision"])
        assert (revision.state, bool(revision.thumbnail_path)) == ("fits", True), revision.problem
    seconds, processor, peak = (statistics.median(values) for values in zip(*checks, strict=True))
    stored, _processor, held = (statistics.median(values) for values in zip(*uploads, strict=True))
    return [
        Figure(f"{name}: stored and hashed", stored, "s", note=f"peak {held:.0f} MB"),
        Figure(f"{name}: checked and drawn", seconds, "s", SECONDS, f"{processor:.1f} s of processor", processor),
        Figure(f"{name}: peak memory of the check", peak, "MB", MEGABYTES),
    ]


def light(place: int, rounds: int) -> Figure:
    """Return what uploading a usual banner takes, with its check."""
    taken = []
    path = settings.DATA_DIR / "banner.jpg"
    for _round in range(rounds * 2):
        Image.merge("RGB", [Image.effect_noise((1600, 900), 20) for _band in range(3)]).save(path, quality=80)
        started = time.perf_counter()
        with path.open("rb") as file:
            revision = upload_revision(deliverable_id=place, file=file, filename=path.name, actor=manager()[0])
        taken.append((time.perf_counter() - started) * 1000)
        assert revision.checked_at is not None
    size = path.stat().st_size / 1024
    return Figure(f"JPEG, {size:.0f} KB, 1600 × 900 px: in the request", statistics.median(taken), "ms", WAIT_MS)


def upload(path: Path, place: int) -> None:
    """Upload the file with a text of its own, so that the same bytes are a new version."""
    with path.open("rb") as file:
        words = f"{random.random()}"
        upload_revision(deliverable_id=place, file=file, filename=path.name, text=words, actor=manager()[0])


def apart(work: Callable[[], Any]) -> tuple[float, float, float]:
    """Do the work in a forked process; return its seconds, processor seconds and peak memory in MB."""
    disconnect()
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(work, theirs))
    process.start()
    theirs.close()
    answer: tuple[float, float, float] = mine.recv()
    process.join()
    return answer


def _measured(work: Callable[[], Any], pipe: Connection) -> None:
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    own, below = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime
    pipe.send((seconds, processor, own.ru_maxrss / 1024))
    disconnect()


def photo(ending: str, **options: Any) -> Path:
    """Return a file with a quiet background and a grainy part, as a photo is; made once."""
    path = settings.DATA_DIR / f"photo.{ending}"
    if not path.exists():
        apart(partial(_draw, path, **options))
    return path


def _draw(path: Path, **options: Any) -> None:
    picture = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    # grain that makes about 30 MB: PNG keeps it byte by byte, JPEG does not
    part = (SIZE[0], SIZE[1] * 3 // 10) if path.suffix == ".png" else SIZE
    grain = Image.merge("RGB", [Image.effect_noise(part, 25) for _band in range(3)])
    picture.paste(grain, (0, 0))
    picture.save(path, **options)


def deliverable() -> int:
    """Return a deliverable of a banner task that the bench's own designer works on."""
    user, _client = manager()
    set_user_roles(user_id=user.pk, roles=[Role.EC_MANAGER, Role.DESIGNER], actor=None)
    slot, _made = CreativeSlot.objects.get_or_create(
        code="bench",
        defaults={
            "platform": "Bench",
            "platform_code": "bench",
            "width_px": 100,
            "height_px": 100,
            "size_rule": "at_least",
            "formats": ["jpeg", "png"],
        },
    )
    CreativeSlot.objects.filter(pk=slot.pk).update(width_px=SIZE[0], height_px=SIZE[1])
    brief = {"goal": "Bench", "headline": "Bench"}
    request = Request(kind="banner", title="Bench", brief=brief, slot_ids=[slot.pk])
    task = assign_task(task_id=request_task(request=request, actor=user).pk, assignee_id=user.pk, actor=user)
    return Deliverable.objects.get(task=task).pk
