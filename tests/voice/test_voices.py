"""The voice of the customer: counted from tickets, returns and low reviews, rings once, leads to action."""

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Listing
from compliance.services import sync_rules
from core.errors import InvalidInput, NotAllowed
from service.models import Ticket
from service.services import link_ticket_order, merge_reason, resolve_ticket
from tests.factories import make_stock, make_user
from tests.returns.making import ask, sold
from tests.service.making import a_reason, make_ticket
from voice.models import Alert, AlertRule, MatterCell, SoldCell
from voice.selectors.voices import voices
from voice.services import GivenReview, count_voice, open_alert_task, ring_alerts, settle_alert, take_reviews

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """Give an order of three pieces with a ticket, a return and a low review about its product."""
    sync_rules()
    order = sold(make_stock(on_hand=10))
    ask(order, reason="defective")
    ticket = make_ticket()
    link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=None)
    resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason("product-defective"), actor=None)
    variant = order.lines.get(kind="product").variant
    rows = [GivenReview(external_id=str(stars), rating=stars, product_code=variant.sku) for stars in (1, 5)]
    take_reviews(sales_channel_id=order.sales_channel_id, rows=rows)
    count_voice()
    return variant.product


def test_matters_are_counted_by_reason_and_of_sold_pieces(told):
    by_reason = {row.name: row for row in voices(grain="reason", days=28)}
    assert (by_reason["Defective"].tickets, by_reason["Defective"].returns, by_reason[""].reviews) == (1, 1, 1)
    [product] = voices(grain="product", days=28)
    assert (product.id, product.count, product.pieces, product.per_mille, product.trend) == (told.pk, 3, 3, 1000, None)
    [channel] = voices(grain="channel", days=28, only={"product": told.pk, "reason": a_reason("product-defective")})
    assert (channel.count, channel.pieces) == (2, 3)


def test_counting_again_gives_the_same(told):
    before = list(MatterCell.objects.order_by("source").values_list("source", "matter_count"))
    assert (count_voice(), list(MatterCell.objects.order_by("source").values_list("source", "matter_count"))) == (
        3,
        before,
    )
    assert SoldCell.objects.get().piece_count == 3


def test_a_merged_reason_counts_at_the_other(told):
    merge_reason(reason_id=a_reason("product-defective"), into_id=a_reason("product-quality"), actor=None)
    assert {row.name: row.count for row in voices(grain="reason", days=28)} == {"Quality disappoints": 2, "": 1}


def test_a_rule_rings_once_and_only_for_its_reason(told):
    AlertRule.objects.create(name="Defects", reason_id=a_reason("product"), least_count=2)
    AlertRule.objects.create(name="Parcels", reason_id=a_reason("delivery"), least_count=1)
    AlertRule.objects.create(name="Many", least_count=4)
    assert (ring_alerts(), ring_alerts()) == (1, 0)
    alert = Alert.objects.get()
    assert (alert.rule.name, alert.product, alert.matter_count, alert.before_count, alert.piece_count) == (
        "Defects", told, 2, 0, 3,
    )  # fmt: skip
    actor = make_user(permissions=["voice.act_on_voice"])
    with pytest.raises(NotAllowed):
        settle_alert(alert_id=alert.pk, answer="A bad day", actor=make_user())
    with pytest.raises(InvalidInput):
        settle_alert(alert_id=alert.pk, answer=" ", actor=actor)
    settle_alert(alert_id=alert.pk, answer="A bad day", actor=actor)
    assert ring_alerts() == 0


def test_an_alert_becomes_a_task(told):
    AlertRule.objects.create(name="All", least_count=1)
    ring_alerts()
    actor = make_user(permissions=["voice.act_on_voice", "staff.add_task"])
    done = open_alert_task(alert_id=Alert.objects.get().pk, title="Look at the seams", actor=actor)
    assert (done.task.title, done.state, done.handled_at <= timezone.now()) == ("Look at the seams", "handled", True)
    assert not Listing.objects.filter(state="paused").exists()


def test_each_row_leads_to_the_others_and_to_the_tickets_behind_it(client, told):
    client.force_login(make_user(permissions=["voice.view_voice", "service.view_ticket"]))
    here = reverse("admin:voice_voices")
    reason = a_reason("product-defective")
    page = client.get(here).content.decode()
    assert f"by=product&amp;days=28&amp;reason={reason}" in page
    inner = client.get(here, {"by": "product", "days": "28", "reason": reason}).content.decode()
    assert f"by=lot&amp;days=28&amp;reason={reason}&amp;product={told.pk}" in inner
    assert Ticket.objects.get().number in inner
    assert f'{here}?by=product&amp;days=28"' in inner  # what is chosen can be taken away
    both = client.get(here, {"by": "channel", "reason": reason, "product": told.pk}).content.decode()
    assert Ticket.objects.get().number in both
    client.force_login(make_user(permissions=["voice.view_voice"]))
    assert Ticket.objects.get().number not in client.get(here, {"reason": reason, "by": "product"}).content.decode()
    client.force_login(make_user(permissions=["service.view_ticket"]))
    assert client.get(here).status_code == 403


@pytest.mark.parametrize("query", ["by=odd", "days=5", "product=x", "odd=1", "reason=99999999999999999999"])
def test_odd_parameters_of_the_figures_are_refused(client, query):
    client.force_login(make_user(permissions=["voice.view_voice"]))
    assert client.get(f"{reverse('admin:voice_voices')}?{query}").status_code == 400


def test_an_alert_leads_to_its_figures(client, told):
    AlertRule.objects.create(name="All", least_count=1)
    ring_alerts()
    client.force_login(make_user(permissions=["voice.view_alert", "voice.view_voice"]))
    page = client.get(reverse("admin:voice_alert_change", args=[Alert.objects.get().pk])).content.decode()
    assert f"{reverse('admin:voice_voices')}?by=reason&amp;days=28&amp;product={told.pk}" in page
