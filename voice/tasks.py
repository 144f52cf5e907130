"""Work by the clock."""

from celery import shared_task

from core.schedule import Daily, Every, periodic
from voice.services import count_voice, ring_alerts


@shared_task(name="voice.count_voice")
def count_all() -> int:
    """Count the matters of the last weeks anew; repeating gives the same counts."""
    return count_voice()


@shared_task(name="voice.ring_alerts")
def ring() -> int:
    """Ring for what the rules find; each thing rings once, so repeating finds none."""
    return ring_alerts()


periodic("voice.count_voice", Daily(hour=17, minute=45))
periodic("voice.ring_alerts", Every(3600))
