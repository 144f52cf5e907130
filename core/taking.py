"""Files with personal data that leave the house: each is a fact of the download register, whatever page gave it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.translation import ngettext

from core.events import Event, record_many
from core.models import EventRecord, Job

if TYPE_CHECKING:
    from staff.models import User

MOST_IDS = 1000  # of whom a file told; the number of rows is kept in full


@dataclass(frozen=True, kw_only=True)
class FileTaken(Event):
    """A file with personal data was handed out; told in the words of ``core.table_exported``."""

    name: ClassVar[str] = "core.file_taken"
    table: str
    rows: int
    personal: bool = True
    reason: str = ""  # typed by who took it; empty where the file is one's work
    address: str = ""  # of the request
    columns: list[str] = field(default_factory=list)
    whose: list[int] = field(default_factory=list)

    def sentence(self) -> str:
        """Tell what it was, of how many, and why."""
        told = ngettext(
            "“%(table)s” taken as a file: %(rows)s row", "“%(table)s” taken as a file: %(rows)s rows", self.rows
        ) % {"table": self.table, "rows": self.rows}
        return f"{told}: {self.reason}" if self.reason else told


@transaction.atomic
def note_file_taken(
    *,
    subject: models.Model,
    table: str,
    rows: int,
    columns: Sequence[str] = (),
    whose: Iterable[int] = (),
    reason: str = "",
    address: str,
    actor: "User | None",
) -> None:
    """Keep in the download register that somebody took a file with personal data; twice is two downloads.

    ``columns``: which personal data; ``whose``: ids of the first rows; ``address``: from where it was asked for.
    """
    fact = FileTaken(
        table=table, rows=rows, columns=list(columns), whose=list(whose)[:MOST_IDS], reason=reason.strip()[:200],
        address=address[:45],
    )  # fmt: skip
    # the user of a request is a lazy object: its own class is no model
    record_many([(fact, subject.pk)], model=subject._meta.model, actor=actor)


@transaction.atomic
def note_job_file_taken(*, job: Job, address: str, actor: "User | None") -> None:
    """Keep that the file of a job was fetched, if the register says that personal data stands in it."""
    made = EventRecord.objects.filter(
        subject_type=ContentType.objects.get_for_model(Job), subject_id=job.pk, data__personal=True
    )
    first = made.order_by("pk").first()
    if first is None:
        return
    kept = {name: first.data[name] for name in ("table", "rows", "columns", "whose", "reason") if name in first.data}
    note_file_taken(subject=job, address=address, actor=actor, **kept)
