"""Products go on sale and off again."""

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.events import ProductActivated, ProductEnded
from catalog.models import Product, ProductStatus
from catalog.policies import can_change_products, is_activatable, is_endable
from catalog.services.receiving import retire_creatives, show_creatives
from core.errors import InvalidTransition, NotAllowed
from core.events import record
from staff.models import User


@transaction.atomic
def activate_product(*, product_id: int, actor: User | None = None) -> Product:
    """Put a draft or ended product on sale; delivered pictures of tasks are live from now on.

    InvalidTransition when it is on sale already, or has no active variant.
    """
    product = _locked(product_id, actor)
    if not is_activatable(product):
        raise InvalidTransition(_("The product is on sale already."))
    if not product.variants.filter(is_active=True).exists():
        raise InvalidTransition(_("The product has no active variant. Add or activate one first."))
    product.status = ProductStatus.ACTIVE
    product.save(update_fields=["status", "updated_at"])
    record(ProductActivated(product_id=product.pk), subject=product, actor=actor)
    show_creatives(product_id=product.pk)
    return product


@transaction.atomic
def end_product(*, product_id: int, actor: User | None = None) -> Product:
    """Take a product off sale; its live pictures are retired. Stock, prices and orders stay as they are.

    InvalidTransition when it is not on sale.
    """
    product = _locked(product_id, actor)
    if not is_endable(product):
        raise InvalidTransition(_("The product is not on sale."))
    product.status = ProductStatus.ENDED
    product.save(update_fields=["status", "updated_at"])
    record(ProductEnded(product_id=product.pk), subject=product, actor=actor)
    retire_creatives(product_id=product.pk)
    return product


def _locked(product_id: int, actor: User | None) -> Product:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    return Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)
