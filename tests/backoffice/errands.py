"""Tasks for a real worker in the tests of the broker."""

from pathlib import Path

from celery import shared_task


@shared_task(name="tests.errands.leave_note")
def leave_note(path: str, text: str) -> None:
    """Write a file, so that another process can see that the task ran."""
    Path(path).write_text(text, encoding="utf-8")
