"""The automatic check: hostile files end with a sentence, kills and lost jobs end with a check, never twice."""

import os
import struct
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from PIL import Image

from core import jobs
from core.models import Job
from staff.models import Revision
from staff.selectors.revisions import sentences_of
from staff.services.proofs import checking, uploading
from staff.services.proofs.checking import check_revision, recheck_stuck
from staff.tasks import recheck_stuck_revisions, remove_orphaned_files
from tests.staff.making import make_started_task
from tests.staff.proofing import make_banner, png, upload
from tests.staff.storage import stored_files

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::UserWarning:PIL")]


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def heavy(monkeypatch):
    """Let every file be work for a job."""
    monkeypatch.setattr(checking, "LIGHT_BYTES", 0)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def giant_png() -> bytes:
    """Return 30,000 x 30,000 px in a few kilobytes."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


def gif_bomb() -> bytes:
    frames = [Image.new("RGB", (9, 9), (number, 255 - number, 0)) for number in range(201)]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=20)
    return out.getvalue()


def saved(format_: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (860, 500), (9, 9, 9)).save(out, format_)
    return out.getvalue()


HOSTILE = [
    ("banner.png", saved("JPEG"), "“banner.png” is not a PNG, it is a JPEG."),
    ("banner.jpg", b"MZ\x90\x00 this program", "“banner.jpg” is not a JPEG, it is a program."),
    ("banner.png.exe", b"MZ\x90\x00 this program", "“banner.png.exe” is a program."),
    ("page.png", b"<html><script>alert(1)</script>", "“page.png” is not a PNG, it is a web page (HTML)."),
    ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "“drawing.svg” is an SVG."),
    ("huge.png", giant_png(), "“huge.png” has 30,000 × 30,000 px, 900 megapixels; at most 40 can be taken."),
    ("film.gif", gif_bomb(), "“film.gif” has more than 200 frames."),
    ("cut.png", png()[:-40], "“cut.png” cannot be read: it is damaged or incomplete."),
    ("../../etc/\u202egnp.exe", b"\x7fELF....", "“gnp.exe” is a program."),
]


class TestHostileFiles:
    @pytest.mark.parametrize(("name", "content", "words"), HOSTILE, ids=[name for name, _content, _words in HOSTILE])
    def test_they_end_as_unreadable_with_a_sentence(self, name, content, words):
        revision = upload(make_banner(), content, name=name)
        assert revision.state == "unreadable"
        assert sentences_of(revision)[0].startswith(words)
        assert [path.suffix for path in stored_files()] in ([".bin"], [".jpg"], [".png"], [".gif"])

    @pytest.mark.parametrize(("name", "content", "words"), HOSTILE, ids=[name for name, _content, _words in HOSTILE])
    def test_so_they_do_in_a_job_which_is_done_then(self, name, content, words, heavy):
        revision = upload(make_banner(), content, name=name)
        job = Job.objects.get()
        assert jobs.run(job.pk) == "done"
        revision.refresh_from_db()
        assert (revision.state, sentences_of(revision)[0].startswith(words)) == ("unreadable", True)

    def test_the_sentence_is_read_in_the_readers_language(self):
        revision = upload(make_banner(), b"MZ\x90\x00", name="banner.jpg")
        with translation.override("xx"):
            assert revision.findings[0]["code"] == "other_type"
        assert revision.problem

    def test_documents_are_drawn_by_a_job(self):
        out = BytesIO()
        Image.new("RGB", (400, 300), (200, 9, 9)).save(out, "PDF")
        task = make_started_task(kind="photo", slot_ids=[])
        revision = upload(task, out.getvalue(), name="draft.pdf")
        assert revision.state == "checking"
        assert jobs.run(Job.objects.get().pk) == "done"
        revision.refresh_from_db()
        assert (revision.state, revision.format, revision.width_px) == ("fits", "pdf", None)
        with default_storage.open(revision.thumbnail_path) as file, Image.open(file) as thumbnail:
            assert thumbnail.size == (320, 240)


class TestOnce:
    def test_a_second_run_finds_nothing_to_do(self, heavy):
        revision = upload(make_banner())
        assert check_revision(revision.pk).state == "fits"
        first = Revision.objects.get(pk=revision.pk)
        files = stored_files()
        assert check_revision(revision.pk).checked_at == first.checked_at
        assert stored_files() == files
        assert check_revision(0) is None

    def test_a_kill_in_the_middle_leaves_it_for_the_next_run(self, heavy, monkeypatch):
        revision = upload(make_banner())
        kills = iter([True])
        store_again = checking.store_again

        def killed(path, content):
            name = store_again(path, content)
            if path.endswith("-320.webp") and next(kills, False):
                raise KeyboardInterrupt  # both previews lie there, nothing points to them
            return name

        monkeypatch.setattr(checking, "store_again", killed)
        with pytest.raises(KeyboardInterrupt):
            check_revision(revision.pk)
        assert Revision.objects.get(pk=revision.pk).state == "checking"
        assert len(stored_files()) == 3

        checked = check_revision(revision.pk)
        assert (checked.state, len(stored_files())) == ("fits", 3)
        assert default_storage.exists(checked.preview_path)

    def test_a_kill_between_storing_and_the_version_leaves_no_version(self, monkeypatch):
        task = make_banner()

        def killed(*args, **kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(uploading, "_add", killed)
        with pytest.raises(KeyboardInterrupt):
            upload(task)
        assert (Revision.objects.count(), stored_files()) == (0, [])

    def test_bytes_that_changed_in_the_storage_are_noticed(self, heavy):
        revision, gone = upload(make_banner()), upload(make_banner())
        Path(default_storage.path(revision.file.name)).write_bytes(png())
        default_storage.delete(gone.file.name)
        assert check_revision(revision.pk).problem == "The stored file was damaged. Upload it again."
        assert check_revision(gone.pk).problem == "The stored file is gone. Upload it again."


class TestTidying:
    def test_old_files_without_a_version_go_and_nothing_else(self, tmp_path):
        revision = upload(make_banner())
        kept = stored_files()
        for path in kept:
            age(path, days=30)
        now = timezone.now()
        orphans = [
            tmp_path / folder / f"{now:%Y/%m}" / name
            for folder, name in [("creatives", "0a.png"), ("previews", "0a.webp"), ("previews", "0a-320.webp")]
        ]
        young = tmp_path / "creatives" / f"{now:%Y/%m}" / "0b.png"
        elsewhere = tmp_path / "products" / f"{now:%Y/%m}" / "0a.png"
        for path in (*orphans, young, elsewhere):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
            age(path, days=0 if path == young else 30)

        assert remove_orphaned_files() == 3
        assert remove_orphaned_files() == 0
        assert stored_files() == sorted([*kept, young, elsewhere])
        assert default_storage.exists(revision.thumbnail_path)


def age(path: Path, *, days: int) -> None:
    at = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))


class TestSweep:
    @pytest.fixture
    def lost(self, heavy):
        """Return a version whose job was lost ten minutes ago."""
        revision = upload(make_banner())
        Job.objects.all().delete()
        return revision

    def later(self, monkeypatch):
        monkeypatch.setattr(checking, "STUCK_AFTER", timedelta(0))
        monkeypatch.setattr(timezone, "now", lambda real=timezone.now: real() + timedelta(seconds=1))

    def test_a_version_that_waits_too_long_is_enqueued_again_once(self, lost, monkeypatch):
        assert recheck_stuck() == 0  # not yet
        self.later(monkeypatch)
        assert recheck_stuck_revisions() == 1
        assert recheck_stuck() == 0  # it waits for its job now
        assert jobs.run(Job.objects.get().pk) == "done"
        lost.refresh_from_db()
        assert lost.state == "fits"

    def test_jobs_that_fail_again_and_again_end_with_a_sentence(self, lost, monkeypatch):
        self.later(monkeypatch)

        def broken(*args, **kwargs):
            raise RuntimeError("disk")

        monkeypatch.setattr(checking, "measure", broken)
        for _round in range(3):
            assert recheck_stuck() == 1
            assert jobs.run(Job.objects.latest("pk").pk) == "failed"
        assert recheck_stuck() == 0
        lost.refresh_from_db()
        assert (lost.state, sentences_of(lost)) == (
            "unreadable",
            ["This file could not be checked. Export it again and upload it."],
        )
