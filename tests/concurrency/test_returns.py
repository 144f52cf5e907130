"""Two people at one case: one decides, one gives, and nobody asks more back than there is."""

from functools import partial

import pytest

from inventory.models import StockHold
from payments.models import Refund
from returns.models import Finding, RequestLine, Resolution, ReturnRequest
from returns.services import Outcome, RequestRefusal, approve_return, refuse_return, resolve_return
from tests.concurrency.race import race
from tests.factories import make_stock
from tests.orders.stories import assert_sound
from tests.returns.making import ask, came_back, make_reason, sold

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_deciders_one_wins():
    case = ask(sold(make_stock(on_hand=9)), wish=Resolution.EXCHANGE)

    found = race(
        lambda: approve_return(request_id=case.pk).pk,
        lambda: refuse_return(request_id=case.pk, refusal=RequestRefusal(reason="No")).pk,
    )

    assert sorted(one.kind for one in found) == ["done", "refused"], found
    state = ReturnRequest.objects.get().state
    assert (state, StockHold.objects.count()) in {("approved", 1), ("refused", 0)}
    assert_sound()


def test_of_two_askers_only_what_is_there_is_asked():
    order = sold(make_stock(on_hand=9), 3)
    make_reason()

    found = race(partial(_ask, order), partial(_ask, order))

    assert sorted(one.kind for one in found) == ["done", "refused"], found
    assert RequestLine.objects.get().quantity == 2


def _ask(order):
    return ask(order, 2).pk


def test_money_is_granted_once():
    case = came_back(ask(sold(make_stock(on_hand=9))), (1, "good"))
    outcome = Outcome(finding_id=Finding.objects.get().pk, resolution=Resolution.REFUND, quantity=1)

    found = race(*[lambda: resolve_return(request_id=case.pk, outcomes=[outcome]).pk] * 2)

    assert sorted(one.kind for one in found) == ["done", "refused"], found
    assert Refund.objects.get().amount == 10_000
    assert_sound()
