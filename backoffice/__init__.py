"""The composition root. The Celery application is made here, so that every process sends tasks to our broker."""

from backoffice.celery import app as celery_app

__all__ = ["celery_app"]
