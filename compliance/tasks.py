"""Legal deadlines by the clock."""

from celery import shared_task

from compliance.services.clocks.judging import BATCH, judge_clocks
from core.schedule import Every, periodic


@shared_task(name="compliance.judge_clocks")
def judge_all_clocks() -> int:
    """Note the duties that were missed; twice is harmless: a missed one is noted once."""
    total = 0
    while done := judge_clocks():
        total += done
        if done < BATCH:
            break
    return total


periodic("compliance.judge_clocks", Every(600))
