"""Everything that writes reviews and alerts."""

from voice.services.acting import claim_alert_from_supplier, open_alert_task, settle_alert, stop_alert_sale
from voice.services.answering import answer_review, mark_answers_public, open_review_ticket, sort_review
from voice.services.counting import count_voice
from voice.services.hiding import ask_hiding, decide_hiding, lift_hiding
from voice.services.ringing import ring_alerts
from voice.services.seeding import seed_hiding_grounds
from voice.services.taking import GivenReview, take_reviews

__all__ = [
    "GivenReview",
    "answer_review",
    "ask_hiding",
    "claim_alert_from_supplier",
    "count_voice",
    "decide_hiding",
    "lift_hiding",
    "mark_answers_public",
    "open_alert_task",
    "open_review_ticket",
    "ring_alerts",
    "seed_hiding_grounds",
    "settle_alert",
    "sort_review",
    "stop_alert_sale",
    "take_reviews",
]
