"""What is known of the demo's buyers: patterns, notes, tags, segments, and who may be one person."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from backoffice.demo.vocabulary import load
from crm.services.noting import tag_customer, write_customer_note
from crm.services.patterns import refresh_patterns
from crm.services.proposing import propose_duplicates
from crm.services.segmenting import save_segment, take_snapshot
from customers.models import Customer
from orders.models import Order
from staff.models import User


def know_buyers(*, now: datetime, team: Mapping[str, User]) -> None:
    """Count how people buy, write down what colleagues should know, and choose whom a letter is for."""
    first = Order.objects.filter(customer=OuterRef("pk")).order_by("placed_at").values("placed_at")[:1]
    Customer.objects.update(created_at=Coalesce(Subquery(first), F("created_at")))  # known since the first order
    refresh_patterns(day=now.date())
    _note_and_tag(team)
    _write_segments(now, team)
    propose_duplicates()


def _note_and_tag(team: Mapping[str, User]) -> None:
    for plan in load("relations")["people"]:
        buyers = Customer.objects.filter(country=plan["country"]).annotate(bought=Count("orders"))
        for customer in buyers.order_by("-bought", "pk")[plan["place"] : plan["place"] + 1]:
            tag_customer(customer_id=customer.pk, names=plan["tags"], actor=team["cs"])
            if plan["note"]:
                write_customer_note(customer_id=customer.pk, body=plan["note"], actor=team["cs"])


def _write_segments(now: datetime, team: Mapping[str, User]) -> None:
    for plan in load("relations")["segments"]:
        segment = save_segment(
            name=plan["name"], purpose=plan["purpose"], owner=team[plan["owner"]],
            review_on=now.date() + timedelta(days=plan["review_in_days"]), tree=plan["tree"], actor=team["manager"],
        )  # fmt: skip
        if plan["used_for"]:
            take_snapshot(segment_id=segment.pk, used_for=plan["used_for"], actor=team["manager"])
