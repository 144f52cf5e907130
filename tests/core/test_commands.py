"""Commands that run once, document numbers without gaps, transition tables."""

import pytest
from django.db import models, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.commands import once
from core.errors import Conflict, DomainError, InvalidInput, InvalidTransition
from core.models import CommandKey, Sequence
from core.sequences import document_number, next_numbers
from core.states import Transitions
from orders.models import ORDER_TRANSITIONS, OrderStatus
from tests.concurrency.race import race


class Runs:
    """A command that counts its runs."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.count = 0

    def __call__(self):
        self.count += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.django_db
def test_the_first_answer_is_kept():
    run = Runs({"id": 1}, {"id": 2})

    assert [once(key="k", parameters={"a": 1, "b": 2}, run=run) for _ in range(2)] == [{"id": 1}] * 2
    assert once(key="k", parameters={"b": 2, "a": 1}, run=run) == {"id": 1}
    assert run.count == 1


@pytest.mark.django_db
@pytest.mark.parametrize("nothing", [None, 0, "", []])
def test_an_empty_answer_is_an_answer(nothing):
    run = Runs(nothing, "again")
    assert [once(key="k", parameters={}, run=run) for _ in range(2)] == [nothing, nothing]


@pytest.mark.django_db
def test_other_parameters_are_a_conflict():
    run = Runs(1, 2)
    once(key="k", parameters={"a": 1}, run=run)
    with pytest.raises(Conflict):
        once(key="k", parameters={"a": 2}, run=run)
    assert run.count == 1


@pytest.mark.django_db
def test_a_refusal_is_kept_and_what_the_command_did_is_undone():
    def refuse():
        Sequence.objects.create(name="trace")
        raise InvalidInput("too much")

    for run in (refuse, lambda: 1):
        with pytest.raises(DomainError, match="too much"):
            once(key="k", parameters={}, run=run)
    assert not Sequence.objects.exists()
    assert CommandKey.objects.get().refusal == "too much"


@pytest.mark.django_db
def test_a_bug_keeps_nothing_so_the_command_may_come_again():
    run = Runs(RuntimeError("bug"), 7)
    with pytest.raises(RuntimeError):
        once(key="k", parameters={}, run=run)
    assert not CommandKey.objects.exists()
    assert once(key="k", parameters={}, run=run) == 7


@pytest.mark.django_db(transaction=True)
def test_twins_from_two_processes_run_once():
    def command():
        return once(key="k", parameters={}, run=lambda: next_numbers(series="x")[0])

    results = race(*[command] * 4)

    assert {(result.kind, result.value) for result in results} == {("done", 1)}
    assert Sequence.objects.get().next_value == 2


@pytest.mark.django_db
def test_numbers_run_on_and_a_rollback_gives_them_back():
    assert list(next_numbers(series="a", count=3)) == [1, 2, 3]
    assert list(next_numbers(series="b")) == [1]
    with transaction.atomic():
        next_numbers(series="a", count=10)
        transaction.set_rollback(True)
    assert list(next_numbers(series="a")) == [4]
    assert list(next_numbers(series="a", count=0)) == []


@pytest.mark.django_db(transaction=True)
def test_numbers_are_drawn_inside_a_transaction_only():
    with pytest.raises(RuntimeError):
        next_numbers(series="a")
    assert not Sequence.objects.exists()


@given(st.integers(1, 9_999_999), st.integers(1, 9_999_999))
def test_text_order_is_number_order(a, b):
    assert (document_number("O", a) < document_number("O", b)) == (a < b)


def test_numbers_are_written_with_seven_digits_or_more():
    assert [document_number("O", n) for n in (1, 12_345_678)] == ["O-0000001", "O-12345678"]


class Light(models.TextChoices):
    RED = "red", "Red"
    GREEN = "green", "Green"
    OFF = "off", "Off"


LIGHTS = Transitions({Light.RED: {Light.GREEN, Light.OFF}, Light.GREEN: {Light.RED}})


def test_a_transition_table_answers_in_both_directions():
    assert LIGHTS.allowed(Light.RED) == {Light.GREEN, Light.OFF}
    assert LIGHTS.allowed(Light.OFF) == frozenset()
    assert LIGHTS.sources(Light.RED) == {Light.GREEN}
    assert LIGHTS.permits(Light.GREEN, Light.RED)
    LIGHTS.check(Light.RED, Light.OFF)
    with pytest.raises(InvalidTransition, match="from “Off” to “Red”"):
        LIGHTS.check(Light.OFF, Light.RED)


def test_orders_end_shipped_or_cancelled_and_every_state_is_reached():
    assert {status for status in OrderStatus if not ORDER_TRANSITIONS.allowed(status)} == {
        OrderStatus.SHIPPED,
        OrderStatus.CANCELLED,
    }
    reached, edge = {OrderStatus.NEW}, {OrderStatus.NEW}
    while edge := {target for status in edge for target in ORDER_TRANSITIONS.allowed(status)} - reached:
        reached |= edge
    assert reached == set(OrderStatus)
