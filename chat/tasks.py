"""Work by the clock; it may run twice or late."""

from celery import shared_task
from django.utils import timezone

from chat.services.leaving import mail_unseen_answers
from core.schedule import Every, periodic


@shared_task(name="chat.mail_unseen_answers")
def mail_unseen() -> int:
    """Send by mail what visitors who left have not read; repeating finds nothing to do."""
    return mail_unseen_answers(now=timezone.now())


periodic("chat.mail_unseen_answers", Every(60))
