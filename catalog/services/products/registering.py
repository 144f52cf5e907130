"""Products that nobody has registered yet: a file of orders mentions them, or a task asks for them."""

import json
from collections.abc import Mapping

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.models import Product, ProductNames, ProductStatus, Variant
from catalog.services.products.creating import NewVariant, create_product
from catalog.services.review.following import tick_registration
from core.copying import copy_rows, draw_ids
from core.errors import InvalidInput, InvalidTransition
from core.search import fold
from staff.models import TaskKind, User
from staff.services import link_subject
from staff.services.work.moving import lock_task


@transaction.atomic
def register_skus(*, names: Mapping[str, str]) -> dict[str, int]:
    """Make a draft product with one variant for each SKU that is new and return SKU -> variant id for all of them.

    ``names`` is SKU -> name. A person completes the drafts later; SKUs over 60 characters are left out.
    """
    wanted = {sku: name for sku, name in names.items() if 0 < len(sku) <= 60}
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM catalog_product WHERE code = ANY(%s)", [list(wanted)])
        taken = {row[0] for row in cursor.fetchall()}
    new = [sku for sku in wanted if sku not in taken]
    products, variants = draw_ids(Product, len(new)), draw_ids(Variant, len(new))
    copy_rows(
        Product,
        ("id", "code", "name", "brand", "status", "image_path", "search_text", "updated_at"),
        (
            (
                pk,
                sku,
                (wanted[sku] or sku)[:255],
                "",
                ProductStatus.DRAFT.value,
                "",
                fold(f"{sku} {wanted[sku]}"),
                "now",
            )
            for pk, sku in zip(products, new, strict=True)
        ),
    )
    copy_rows(
        Variant,
        ("id", "product_id", "sku", "name", "barcode", "is_active", "search_text"),
        (
            (pk, product, sku, "", "", True, fold(f"{sku} {wanted[sku]}"))
            for pk, product, sku in zip(variants, products, new, strict=True)
        ),
    )
    copy_rows(
        ProductNames,
        ("product_id", "names", "skus"),
        (
            (pk, [sku, (wanted[sku] or sku)[:255]], json.dumps({str(variant): sku}, ensure_ascii=False))
            for pk, variant, sku in zip(products, variants, new, strict=True)
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT sku, id FROM catalog_variant WHERE sku = ANY(%s)", [list(wanted)])
        return dict(cursor.fetchall())


@transaction.atomic
def draft_for_task(*, task_id: int, code: str, name: str, sku: str = "", actor: User) -> Product:
    """Make the draft that a task of product registration asks for, let the task be about it, and return it.

    The draft has one variant, of the product's code unless an ``sku`` is given. A task that has its draft already
    answers with it. InvalidTransition for other tasks and for work that is done; InvalidInput without a code or a name;
    refuses what ``create_product`` refuses.
    """
    task = lock_task(task_id)
    if task.subject_id is not None and task.subject_type == ContentType.objects.get_for_model(Product):
        return Product.objects.get(pk=task.subject_id)
    if task.kind != TaskKind.PRODUCT_REGISTRATION or not task.is_open:
        raise InvalidTransition(_("Only an open task of product registration is answered with a draft."))
    code, name = code.strip(), name.strip()
    if not code or not name:
        raise InvalidInput(_("A product needs a code and a name."))
    product = create_product(code=code, name=name, variants=[NewVariant(sku=sku.strip() or code)], actor=actor)
    link_subject(task_id=task.pk, subject=product, actor=actor)
    tick_registration(product=product, actor=actor)
    return product
