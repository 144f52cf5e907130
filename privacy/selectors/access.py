"""The access log of a time: who looked how often, what left in files, what is out of the ordinary."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, IntegerField, Max, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, ExtractHour
from django.utils import timezone

from core.models import EventRecord
from privacy.models import Access, AccessKind, AccessReview

TAKEN = ("core.table_exported", "core.file_taken")  # the download register
MANY_PERSONS = 200  # of one colleague within the time: worth a question
NIGHT = (22, 6)  # from and until, hours of the shop


@dataclass
class Looker:
    """One colleague's looks and downloads within the time."""

    user_id: int
    name: str
    reveals: int = 0
    pages: int = 0
    persons: int = 0
    at_night: int = 0
    downloads: int = 0
    rows: int = 0
    last_at: datetime | None = None

    @property
    def is_odd(self) -> bool:
        """Whether a reviewer should ask: many persons, or at night."""
        return self.persons >= MANY_PERSONS or self.at_night > 0


def bounds(starts_on: date, ends_on: date) -> tuple[datetime, datetime]:
    """Return the first moment of the time and the first after it."""
    zone = timezone.get_current_timezone()
    return (
        datetime.combine(starts_on, time.min, tzinfo=zone),
        datetime.combine(ends_on + timedelta(days=1), time.min, tzinfo=zone),
    )


def looks_within(*, starts_on: date, ends_on: date) -> "QuerySet[Access]":
    """Return the looks of these days, newest first."""
    start, end = bounds(starts_on, ends_on)
    return Access.objects.filter(at__gte=start, at__lt=end).select_related("actor").order_by("-id")


def downloads_within(*, starts_on: date, ends_on: date) -> "QuerySet[EventRecord]":
    """Return the files with personal data that left within these days, newest first."""
    start, end = bounds(starts_on, ends_on)
    rows = EventRecord.objects.filter(name__in=TAKEN, data__personal=True, at__gte=start, at__lt=end)
    return rows.select_related("actor").order_by("-id")


def count_access(*, starts_on: date, ends_on: date) -> tuple[int, int]:
    """Return how many looks and how many downloads the time has."""
    wanted = {"starts_on": starts_on, "ends_on": ends_on}
    return looks_within(**wanted).count(), downloads_within(**wanted).count()


def lookers_within(*, starts_on: date, ends_on: date) -> list[Looker]:
    """Return who looked how often, the most persons first; two statements."""
    wanted = {"starts_on": starts_on, "ends_on": ends_on}
    found: dict[int, Looker] = {}
    night = Q(hour__gte=NIGHT[0]) | Q(hour__lt=NIGHT[1])
    looks = looks_within(**wanted).order_by().annotate(hour=ExtractHour("at"))
    for row in looks.values("actor_id", "actor__username").annotate(
        reveals=Count("id", filter=~Q(kind=AccessKind.PAGE)),
        pages=Count("id", filter=Q(kind=AccessKind.PAGE)),
        persons=Count("subject_label", distinct=True),
        at_night=Count("id", filter=night),
        last_at=Max("at"),
    ):
        numbers = {key: row[key] for key in ("reveals", "pages", "persons", "at_night", "last_at")}
        found[row["actor_id"]] = Looker(row["actor_id"], row["actor__username"], **numbers)
    files = downloads_within(**wanted).order_by().exclude(actor=None)
    sums = files.values("actor_id", "actor__username").annotate(
        downloads=Count("id"), rows=Sum(Cast(KT("data__rows"), IntegerField())), last_at=Max("at")
    )
    for summed in sums:
        one = found.setdefault(summed["actor_id"] or 0, Looker(summed["actor_id"] or 0, str(summed["actor__username"])))
        one.downloads, one.rows = summed["downloads"], summed["rows"] or 0
        one.last_at = max(filter(None, (one.last_at, summed["last_at"])))
    return sorted(found.values(), key=lambda one: (-one.persons, -one.rows, one.name))


def reviews_of(*, starts_on: date, ends_on: date) -> "QuerySet[AccessReview]":
    """Return what people found in exactly this time."""
    return AccessReview.objects.filter(starts_on=starts_on, ends_on=ends_on).select_related("reviewed_by")


def last_reviewed_day() -> date | None:
    """Return the last day that somebody reviewed."""
    found: date | None = AccessReview.objects.aggregate(last=Max("ends_on"))["last"]
    return found
