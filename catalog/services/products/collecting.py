"""Collections: rules that are written down, and the products that fulfil them now."""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.collecting import products_of
from catalog.events import CollectionRulesChanged
from catalog.models import Collection, CollectionMember, CollectionRule, Match, Product
from catalog.policies import can_change_collections
from core.errors import InvalidInput, NotAllowed
from core.events import record
from staff.models import User

MOST_RULES = 20


@transaction.atomic
def set_rules(
    *, collection_id: int, rules: Sequence[tuple[str, str, str]], match: str = Match.ALL, actor: User | None = None
) -> int:
    """Let the collection follow exactly these rules (subject, operator, value); return how many products it has now.

    InvalidInput for a rule that means nothing, for none at all and for more than 20; then nothing is changed.
    """
    if actor is not None and not can_change_collections(actor):
        raise NotAllowed(_("You may not change collections."))
    if match not in Match.values or not 0 < len(rules) <= MOST_RULES:
        raise InvalidInput(_("A collection has between 1 and %(count)s rules.") % {"count": MOST_RULES})
    products_of(rules, is_all=match == Match.ALL)  # each rule is read before anything is written
    collection = Collection.objects.select_for_update().get(pk=collection_id)
    collection.rules.all().delete()
    CollectionRule.objects.bulk_create(
        [
            CollectionRule(
                collection=collection, subject=subject, operator=operator, value=value.strip(), position=place
            )
            for place, (subject, operator, value) in enumerate(rules)
        ]
    )
    collection.match = match
    collection.save(update_fields=["match"])
    record(CollectionRulesChanged(collection=collection.code), subject=collection, actor=actor)
    return refresh_collection(collection_id=collection_id)


@transaction.atomic
def refresh_collection(*, collection_id: int) -> int:
    """Let the members be the products that fulfil the rules now, and return how many; who stays keeps its day.

    A collection that is switched off keeps its members. InvalidInput when a rule has lost its meaning (a category that
    is gone): the members stay as they were.
    """
    collection = Collection.objects.select_for_update().get(pk=collection_id)
    if not collection.is_active:
        return collection.product_count
    rules = list(collection.rules.values_list("subject", "operator", "value"))
    wanted = products_of(rules, is_all=collection.match == Match.ALL).order_by().values("pk")
    CollectionMember.objects.filter(collection=collection).exclude(product__in=wanted).delete()
    _add_members(collection.pk, wanted)
    collection.product_count = collection.members.count()
    collection.refreshed_at = timezone.now()
    collection.save(update_fields=["product_count", "refreshed_at"])
    return collection.product_count


def _add_members(collection_id: int, wanted: "QuerySet[Product, dict[str, int]]") -> None:
    """Insert in one statement whoever is not in yet; no product leaves the database for it."""
    if wanted.query.is_empty():
        return
    found, params = wanted.query.sql_with_params()
    statement = (
        "INSERT INTO catalog_collectionmember (collection_id, product_id, since)"  # noqa: S608 the query is Django's own
        f" SELECT %s, found.id, now() FROM ({found}) AS found (id) ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [collection_id, *params])


def refresh_collections() -> dict[str, int]:
    """Refresh all active collections, each in its own transaction; return how many are fresh and how many cannot be."""
    done = broken = 0
    for pk in Collection.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        try:
            refresh_collection(collection_id=pk)
        except InvalidInput:
            broken += 1  # its page says which rule; the others are not to wait for it
        else:
            done += 1
    return {"refreshed": done, "broken": broken}
