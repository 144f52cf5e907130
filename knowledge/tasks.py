"""Work by the clock."""

from celery import shared_task

from core.schedule import Every, periodic
from knowledge.services import flag_stale_articles


@shared_task(name="knowledge.flag_stale_articles")
def flag_stale() -> int:
    """Mark articles whose quoted policies changed or whose review is due; repeating finds none."""
    return flag_stale_articles()


periodic("knowledge.flag_stale_articles", Every(3600))
