"""How satisfied customers are: by colleague, team and month, always with how many said so."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from service.models import Survey, SurveyState
from staff.selectors.roles import user_labels

FEWEST = 5  # answers below which an average says nothing


@dataclass(frozen=True)
class Satisfaction:
    """One row: asked, answered, happy (4 and 5), and the average in tenths; None with fewer than five answers."""

    label: str
    asked: int
    answered: int
    happy: int
    tenths: int | None

    @property
    def average(self) -> str:
        """Return e.g. "4.3", or empty when too few answered."""
        return "" if self.tenths is None else f"{self.tenths // 10}.{self.tenths % 10}"

    @property
    def happy_percent(self) -> int | None:
        """Return how many of a hundred answers were 4 or 5; None when too few answered."""
        return round(100 * self.happy / self.answered) if self.answered >= FEWEST else None


def satisfaction(*, days: int) -> dict[str, list[Satisfaction]]:
    """Return what was sent in the last days by month, team and colleague (three statements)."""
    since = timezone.now() - timedelta(days=days)
    rows = Survey.objects.filter(sent_at__gte=since).order_by()
    return {
        "months": _grouped(rows.annotate(month=TruncMonth("sent_at")), "month"),
        "teams": _grouped(rows, "team__name"),
        "agents": _grouped(rows, "agent"),
    }


def recent_comments(*, limit: int = 20) -> list[Survey]:
    """Return the latest answers with words (one statement)."""
    rows = Survey.objects.filter(state=SurveyState.ANSWERED).exclude(comment="")
    return list(rows.select_related("ticket", "agent").order_by("-answered_at")[:limit])


def _grouped(rows: "QuerySet[Survey]", name: str) -> list[Satisfaction]:
    answered = Q(state=SurveyState.ANSWERED)
    figures = rows.values(name).annotate(
        asked=Count("pk"), answered=Count("pk", filter=answered), happy=Count("pk", filter=Q(score__gte=4)),
        average=Avg("score"),
    )  # fmt: skip
    ordered = figures.order_by(f"-{name}") if name == "month" else figures.order_by("-answered", name)
    found = list(ordered)
    names = user_labels([row["agent"] for row in found if row["agent"]]) if name == "agent" else {}
    return [
        Satisfaction(
            label=row[name].strftime("%Y-%m") if name == "month" else str(names.get(row[name], row[name]) or "–"),
            asked=row["asked"],
            answered=row["answered"],
            happy=row["happy"],
            tenths=int(row["average"] * 10 + type(row["average"])("0.5")) if row["answered"] >= FEWEST else None,
        )
        for row in found
    ]
