"""What reviews, articles and surveys have in the world of the pages."""

from datetime import timedelta

from django.utils import timezone

from catalog.models import Product, SalesChannel
from knowledge.models import Article
from knowledge.services import draft_article, publish_edition
from service.models import ReasonNode, Survey, Ticket
from staff.models import User
from voice.models import Alert, AlertRule, Hiding, HidingGround, MatterCell, Review, SoldCell
from voice.services import seed_hiding_grounds


def make_told() -> None:
    """Make a review with a wish to hide it, a rule that rang, a published article and a survey."""
    channel, product, now = SalesChannel.objects.all()[0], Product.objects.all()[0], timezone.now()
    review = Review.objects.create(
        sales_channel=channel, external_id="test", rating=1, body="Bag", product=product, language="en", written_at=now
    )
    seed_hiding_grounds()
    ground = HidingGround.objects.all()[0]
    Hiding.objects.create(review=review, ground=ground, evidence="Test", asked_by=User.objects.all()[0])
    reason = ReasonNode.objects.get(code="product-defective")
    today = timezone.localdate()
    MatterCell.objects.create(
        day=today, source="review", reason=reason, product=product, sales_channel=channel, matter_count=1
    )
    SoldCell.objects.create(day=today, product=product, sales_channel=channel, piece_count=3)
    rule = AlertRule.objects.create(name="Test")
    Alert.objects.create(
        rule=rule, product=product, first_day=today, last_day=today, matter_count=3, before_count=0, piece_count=3
    )
    article = Article.objects.create(code="test", audience="public")
    draft = draft_article(article_id=article.pk, language="en", title="Test", body="Test", actor=None)
    publish_edition(edition_id=draft.pk, actor=None)
    Survey.objects.create(
        ticket=Ticket.objects.all()[0], resolved_at=now, language="en", nonce="test", due_at=now,
        expires_at=now + timedelta(days=1),
    )  # fmt: skip
