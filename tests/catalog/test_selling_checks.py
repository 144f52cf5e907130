"""``manage.py verify``: the rules of review and sale find the breach planted for them."""

import pytest

from catalog.models import Listing, Product, Review
from catalog.services import activate_product, end_product, submit_product
from core.verify import verify
from tests.catalog.making import make_approved, make_draft, make_shops

pytestmark = pytest.mark.django_db

BREACHES = {
    "catalog.live_is_on_sale": lambda house: Product.objects.filter(pk=house["live"]).update(status="ended"),
    "catalog.review_waits_with_product": lambda house: Review.objects.filter(verdict="waiting").delete(),
    "catalog.approved_by_somebody": lambda house: Review.objects.filter(product=house["approved"]).delete(),
    "catalog.replaced_without_circle": lambda house: Product.objects.filter(pk=house["next"]).update(
        replaced_by=house["gone"], status="ended"
    ),
}


@pytest.fixture
def house():
    shops = make_shops(1)
    live, gone, following, approved = (make_approved(channels=shops) for _ in range(4))
    activate_product(product_id=live.pk)
    activate_product(product_id=gone.pk)
    end_product(product_id=gone.pk, replaced_by_id=following.pk)
    waiting = make_draft()
    submit_product(product_id=waiting.pk)
    return {"live": live.pk, "gone": gone.pk, "next": following.pk, "approved": approved.pk}


@pytest.mark.usefixtures("house")
def test_what_services_make_breaks_no_rule():
    assert [finding.invariant.name for finding in verify(names=list(BREACHES)) if not finding.holds] == []
    assert Listing.objects.filter(state="live").count() == 1


@pytest.mark.parametrize("name", BREACHES)
def test_a_planted_breach_is_found(name, house):
    BREACHES[name](house)
    [finding] = verify(names=[name])
    assert finding.count == len(finding.breaches) >= 1
