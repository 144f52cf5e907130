"""A file says that goods came back: the case that waits for them has them; a refund taken back is decided again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.models import LegalClock
from compliance.services import sync_rules
from core.events import deliver_due
from inventory.models import StockItem
from orders.models import OrderLine, Return, ReturnLine
from orders.services.returns import shelve_return
from payments.models import Refund, RefundLimit
from payments.services import withdraw_refund
from returns.models import Resolution, ReturnRequest
from returns.selectors.rules import RulePreview, preview_return_rule
from returns.services import (
    Found,
    Outcome,
    Terms,
    approve_return,
    inspect_return,
    join_file_returns,
    reopen_for_withdrawn,
    resolve_return,
)
from tests.factories import make_stock, make_user
from tests.orders.stories import assert_sound
from tests.returns.making import ask, came_back, make_rule, sold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules(db):
    sync_rules()
    RefundLimit.objects.create(currency="KRW", agent_amount=0, alone_amount=1_000_000)


@pytest.fixture
def item():
    return make_stock(on_hand=20)


def told(order, pieces, *, number="M-1", at=None):
    """Write what a file brings: a return tied to the order's line, that moved no stock."""
    line = order.lines.get()
    record = Return.objects.create(
        number=f"R-{number}", external_number=number, sales_channel=order.sales_channel, order=order,
        currency="KRW", total=10_000 * pieces, line_count=1, returned_at=at or timezone.now(),
    )  # fmt: skip
    ReturnLine.objects.create(
        record=record, external_id="1", order_line=line, variant=line.variant, sku=line.sku, name=line.name,
        quantity=pieces, unit_price=10_000, total=10_000 * pieces,
    )  # fmt: skip
    OrderLine.objects.filter(pk=line.pk).update(returned_count=line.returned_count + pieces)
    return record


def stock(item):
    return StockItem.objects.values_list("on_hand", "reserved", "held").get(pk=item.pk)


def test_the_waiting_case_has_the_goods_of_the_file_once_and_they_wait_to_be_inspected(item):
    order = sold(item, 3, jurisdiction="KR")
    case = ask(order, 2)
    approve_return(request_id=case.pk)
    assert join_file_returns() == 0
    record = told(order, 2)

    assert [join_file_returns() for _twice in range(2)] == [1, 0]

    case.refresh_from_db()
    line = case.lines.get()
    assert (case.state, case.received_at) == ("received", record.returned_at)
    assert (line.return_record, line.received_count) == (record, 2)
    assert stock(item) == (19, 0, 2)
    assert shelve_return(return_id=record.pk) == 0
    inspect_return(request_id=case.pk, findings=[Found(line_id=line.pk, quantity=2, condition="good")])
    assert stock(item) == (19, 0, 0)
    assert_sound()


def test_what_came_before_it_was_asked_or_is_more_than_asked_joins_nothing(item):
    order = sold(item, 3, jurisdiction="KR", days_ago=5)
    told(order, 1, at=timezone.now() - timedelta(days=3))
    case = ask(order, 1)
    told(order, 2, number="M-2")
    approve_return(request_id=case.pk)

    assert join_file_returns() == 0

    case.refresh_from_db()
    assert (case.state, stock(item)) == ("approved", (17, 0, 0))


def test_a_withdrawn_refund_is_decided_again_and_bears_the_same_costs(item):
    make_rule(currency="KRW", return_shipping=3_000)
    order = sold(item, 3, jurisdiction="KR")
    case = ask(order, 1)
    approve_return(request_id=case.pk, terms=Terms(return_shipping=3_000))
    came_back(ReturnRequest.objects.get(), (1, "good"))

    def resolve():
        finding = case.lines.get().findings.get()
        outcome = Outcome(finding_id=finding.pk, resolution=Resolution.REFUND, quantity=1)
        resolve_return(request_id=case.pk, outcomes=[outcome])
        return Refund.objects.order_by("-pk").first()

    def given_otherwise():
        return LegalClock.objects.get(rule__code="kr-refund-return").settled

    first = resolve()
    assert given_otherwise() == 3_000
    assert reopen_for_withdrawn(refund_id=first.pk) == 0  # it still stands
    withdraw_refund(refund_id=first.pk, note="wrong amount")
    while deliver_due():
        pass

    assert ReturnRequest.objects.get().state == "inspected"
    assert reopen_for_withdrawn(refund_id=first.pk) == 0
    assert (resolve().amount, first.amount) == (7_000, 7_000)
    assert given_otherwise() == 3_000  # not once more
    assert_sound()


def test_a_rule_says_which_past_orders_it_fits_and_what_the_customer_bears_is_marked(item, client):
    order = sold(item, 3, jurisdiction="KR")
    sold(make_stock(on_hand=5), 1, jurisdiction="JP")
    rule = make_rule(product=item.variant.product, jurisdiction="KR", currency="KRW", return_shipping=3_000)
    assert preview_return_rule(rule=rule) == RulePreview(days=90, orders=1, came_back=0)
    case = ask(order, 1)
    approve_return(request_id=case.pk, terms=Terms(return_shipping=3_000))
    came_back(ReturnRequest.objects.get(), (1, "good"))
    assert preview_return_rule(rule=rule) == RulePreview(days=90, orders=1, came_back=1)
    assert preview_return_rule(rule=make_rule(name="Japan", jurisdiction="JP")).orders == 1
    assert preview_return_rule(rule=make_rule(name="Union", jurisdiction="EU")).orders == 0

    client.force_login(make_user(is_superuser=True))
    text = client.get(reverse("admin:returns_returnrule_change", args=[rule.pk])).content.decode()
    assert "shipped orders of the last 90 days: 1; of 1 goods came back." in text
    text = client.get(reverse("admin:returns_returnrequest_change", args=[case.pk])).content.decode()
    assert "Unverified" in text
    assert "전자상거래법 §18⑧–⑩" in text
