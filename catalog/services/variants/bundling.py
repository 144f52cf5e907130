"""Bundles: variants that are made of other variants."""

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.models import BundleComponent, Product, Variant
from catalog.policies import can_change_products
from catalog.selectors.bundling import chain_to
from catalog.services.review.reviewing import content_changed
from core.errors import Conflict, InvalidInput, NotAllowed
from staff.models import User

MOST = 1_000_000  # pieces of one component
MAX_COMPONENTS = 100


@transaction.atomic
def put_component(*, bundle_id: int, component_id: int, quantity: int, actor: User | None = None) -> BundleComponent:
    """Let one piece of the bundle contain ``quantity`` pieces of the component, and return the row.

    Changes of bundles wait for one another, so a circle cannot close unseen: InvalidInput names its chain. It also
    refuses a quantity below one, the variant itself, and more than 100 components. NotAllowed without the right.
    """
    _refuse_unless_allowed(actor)
    if not 1 <= quantity <= MOST:
        raise InvalidInput(_("A quantity is at least 1."))
    if bundle_id == component_id:
        raise InvalidInput(_("A bundle cannot contain itself."))
    bundle = _locked(bundle_id)
    component = Variant.objects.get(pk=component_id)
    # 1. the same lock as the trigger's, so that the walk sees every bundle as it will be  2. the walk  3. the row
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalog_bundlecomponent'))")
    if chain := chain_to(start_id=component_id, goal_id=bundle_id):
        words = {"chain": " → ".join([bundle.sku, *chain]), "sku": component.sku}
        raise InvalidInput(
            _("“%(sku)s” contains this bundle itself: %(chain)s. A bundle cannot go in a circle.") % words
        )
    held = set(bundle.components.values_list("component_id", flat=True))
    if component_id not in held and len(held) >= MAX_COMPONENTS:
        raise InvalidInput(_("A bundle has at most %(count)s components.") % {"count": MAX_COMPONENTS})
    row, is_new = BundleComponent.objects.get_or_create(
        bundle=bundle, component=component, defaults={"quantity": quantity}
    )
    if not is_new:
        row.quantity = quantity
        row.save(update_fields=["quantity"])
    content_changed(product_ids=[bundle.product_id], parts=["bundles"], actor=actor)
    return row


@transaction.atomic
def remove_component(*, bundle_id: int, component_id: int, actor: User | None = None) -> None:
    """Take the component out of the bundle; Conflict when it is not in there any more, NotAllowed without the right."""
    _refuse_unless_allowed(actor)
    bundle = _locked(bundle_id)
    count, _rows = BundleComponent.objects.filter(bundle=bundle, component=component_id).delete()
    if not count:
        raise Conflict(_("This component is not in the bundle any more. Reload the page."))
    content_changed(product_ids=[bundle.product_id], parts=["bundles"], actor=actor)


def _locked(variant_id: int) -> Variant:
    """Lock the product, then the variant: the order of everybody who changes goods."""
    list(Product.objects.select_for_update(no_key=True, of=("self",)).filter(variants=variant_id).values_list("pk"))
    return Variant.objects.select_for_update(no_key=True, of=("self",)).get(pk=variant_id)


def _refuse_unless_allowed(actor: User | None) -> None:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
