"""What must be true of reviews at every commit."""

from core.verify import invariant

invariant(
    "voice.hidden_by_two",
    "a review is hidden while a lawful wish of one and the yes of another stand, and only then",
    """
    SELECT r.id AS review_id, r.state FROM voice_review r
    LEFT JOIN voice_hiding h ON h.review_id = r.id AND h.state = 'hidden' AND h.decided_by_id <> h.asked_by_id
    WHERE (r.state = 'hidden') <> (h.id IS NOT NULL)
    """,
)
