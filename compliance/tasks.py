"""Legal deadlines by the clock."""

from celery import shared_task

from compliance.services.clocks.judging import BATCH, judge_clocks, warn_of_clocks
from core.schedule import Daily, Every, periodic


@shared_task(name="compliance.judge_clocks")
def judge_all_clocks() -> int:
    """Note the duties that were missed; twice is harmless: a missed one is noted once."""
    total = 0
    while done := judge_clocks():
        total += done
        if done < BATCH:
            break
    return total


@shared_task(name="compliance.warn_of_clocks")
def warn_of_all_clocks() -> int:
    """Say which duties come near; twice is harmless: each clock is told of once."""
    total = 0
    while done := warn_of_clocks():
        total += done
        if done < BATCH:
            break
    return total


periodic("compliance.judge_clocks", Every(600))
periodic("compliance.warn_of_clocks", Daily(23))  # eight in the morning in Seoul and Tokyo
