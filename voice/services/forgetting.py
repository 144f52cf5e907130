"""Taking the author's name out of reviews: what was said about a product stays."""

from django.db import transaction

from voice.models import Review


@transaction.atomic
def forget_author(*, customer_id: int) -> int:
    """Empty the author's name of the customer's reviews, unlink them, and return how many changed."""
    return Review.objects.filter(customer_id=customer_id).update(author_name="", customer=None)
