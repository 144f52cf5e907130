"""Work asked for about what does not sell: new pictures, new words, another price."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.errors import InvalidInput
from purchasing.models import StockHealth
from staff.models import Task, TaskKind, User
from staff.services import Request, request_task

MOST = 50  # products of one press: a person has to do each


class Wanted(models.TextChoices):
    """What is asked for."""

    PHOTOS = "photos", pgettext_lazy("work", "New photos")
    TEXT = "text", pgettext_lazy("work", "A new text")
    MARK_DOWN = "mark_down", pgettext_lazy("work", "Mark it down")


KINDS = {Wanted.PHOTOS: TaskKind.PHOTO, Wanted.TEXT: TaskKind.COPY, Wanted.MARK_DOWN: TaskKind.PRODUCT_EDIT}


@transaction.atomic
def ask_for_work(
    *, health_ids: Sequence[int], wanted: str, words: str, go_live_on: date | None = None, actor: User
) -> list[Task]:
    """Request one task for each product of these rows and return them; their briefs tell what lies there.

    InvalidInput without words or for more than ``MOST`` products; NotAllowed without the right to ask for work.
    """
    if not words.strip():
        raise InvalidInput(_("Say in a sentence what is wanted."))
    products: dict[int, list[StockHealth]] = {}
    rows = StockHealth.objects.filter(pk__in=health_ids).select_related("variant__product").order_by("pk")
    for row in rows:
        products.setdefault(row.variant.product_id, []).append(row)
    if len(products) > MOST:
        raise InvalidInput(_("At most %(count)s products at once. Tick fewer.") % {"count": MOST})
    return [_ask(Wanted(wanted), group, words.strip(), go_live_on, actor) for group in products.values()]


def _ask(wanted: Wanted, rows: Sequence[StockHealth], words: str, go_live_on: date | None, actor: User) -> Task:
    product = rows[0].variant.product
    lying = ", ".join(_("%(sku)s: %(count)s pieces") % {"sku": row.variant.sku, "count": row.on_hand} for row in rows)
    languages = ", ".join(code for code, _name in settings.LANGUAGES)
    briefs = {
        Wanted.PHOTOS: {"shots": words, "background": _("As the mall wants it"), "goods_at": lying},
        Wanted.TEXT: {"goal": words, "facts": lying, "language": languages},
        Wanted.MARK_DOWN: {"change": f"{words}\n{lying}"},
    }
    return request_task(
        request=Request(
            kind=KINDS[wanted],
            title=f"{wanted.label}: {product.name}"[:200],
            brief=briefs[wanted],
            go_live_on=go_live_on,
            subject=product,
        ),
        actor=actor,
    )
