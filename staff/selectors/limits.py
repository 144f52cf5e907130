"""Reads about work-in-progress limits."""

from staff.models import USUAL_WIP_LIMIT, BoardLimit, TaskStatus, WorkProfile


def board_limits() -> dict[str, tuple[int | None, int | None]]:
    """Return (limit of the column, limit of one person) by status (one query); the usual where nothing was agreed."""
    rows = BoardLimit.objects.values_list("status", "column_limit", "person_limit")
    usual = {str(TaskStatus.IN_PROGRESS): (None, USUAL_WIP_LIMIT)}
    return usual | {status: (column, person) for status, column, person in rows}


def person_limit(user_id: int) -> int | None:
    """Return how many tasks the person may have in progress, None for any number (at most two queries)."""
    own = WorkProfile.objects.filter(user=user_id).values_list("wip_limit", flat=True).first()
    if own is not None:
        return own
    return board_limits()[TaskStatus.IN_PROGRESS][1]
