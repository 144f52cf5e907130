"""What is told about products because the law asks for it."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from catalog.models import NoticeAnswer, Product, ProductNotice
from catalog.policies import can_change_products
from catalog.services.review.reviewing import content_changed
from compliance.models import FieldKind, NoticeField, NoticeType
from core.errors import InvalidInput, NotAllowed
from staff.models import User

YES, NO = "yes", "no"


@transaction.atomic
def set_notices(*, product_id: int, notice_type_ids: Collection[int], actor: User | None = None) -> None:
    """Let the product carry exactly these notices besides those for all products; answers to others are kept.

    InvalidInput for a notice that is no longer in force or unknown; NotAllowed without the right.
    """
    _lock(product_id, actor)
    wanted = set(notice_type_ids)
    found = {
        row.pk: row for row in NoticeType.objects.in_force(timezone.localdate()).filter(pk__in=wanted).order_by("pk")
    }
    if wanted - set(found):
        raise InvalidInput(_("This notice is not in force. Reload the page."))
    carried = ProductNotice.objects.filter(product=product_id)
    gone = carried.exclude(notice_type__in=wanted).delete()[0]
    known = set(carried.values_list("notice_type_id", flat=True))
    ProductNotice.objects.bulk_create(
        [ProductNotice(product_id=product_id, notice_type_id=pk) for pk in sorted(wanted - known)]
    )
    if gone or wanted - known:
        content_changed(product_ids=[product_id], parts=["notices"], actor=actor)


@transaction.atomic
def answer_notices(*, product_id: int, answers: Mapping[int, str], actor: User | None = None) -> int:
    """Write the answers (notice field id → text, empty removes) and return how many differ now.

    InvalidInput, naming the field, for what is too long, no date, or neither yes nor no; then nothing is written.
    """
    _lock(product_id, actor)
    fields = {field.pk: field for field in NoticeField.objects.filter(pk__in=answers)}
    if set(answers) - set(fields):
        raise InvalidInput(_("This notice has other fields now. Reload the page."))
    tidy = {pk: _answer(fields[pk], text) for pk, text in answers.items()}
    known = {row.field_id: row for row in NoticeAnswer.objects.filter(product=product_id, field__in=tidy)}
    gone = [row.pk for pk, row in known.items() if not tidy[pk]]
    new = [
        NoticeAnswer(product_id=product_id, field_id=pk, text=text)
        for pk, text in tidy.items()
        if text and pk not in known
    ]
    changed = [row for pk, row in known.items() if tidy[pk] and row.text != tidy[pk]]
    for row in changed:
        row.text = tidy[row.field_id]
    NoticeAnswer.objects.filter(pk__in=gone).delete()
    NoticeAnswer.objects.bulk_create(new)
    NoticeAnswer.objects.bulk_update(changed, ["text"])
    if gone or new or changed:
        content_changed(product_ids=[product_id], parts=["notices"], actor=actor)
    return len(gone) + len(new) + len(changed)


@transaction.atomic
def take_answers(*, product_id: int, source_id: int, actor: User | None = None) -> int:
    """Fill fields that are empty with what another product says there, and return how many were filled.

    Only fields of notices in force are taken; nothing that stands already is changed.
    """
    _lock(product_id, actor)
    mine = set(NoticeAnswer.objects.filter(product=product_id).values_list("field_id", flat=True))
    theirs = NoticeAnswer.objects.filter(
        product=source_id, field__in=NoticeField.objects.in_force(timezone.localdate())
    ).exclude(field__in=mine)
    new = [NoticeAnswer(product_id=product_id, field_id=row.field_id, text=row.text) for row in theirs]
    NoticeAnswer.objects.bulk_create(new)
    if new:
        content_changed(product_ids=[product_id], parts=["notices"], actor=actor)
    return len(new)


def _lock(product_id: int, actor: User | None) -> Product:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    return Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)


def _answer(field: NoticeField, text: str) -> str:
    tidy = text.replace("\x00", "").strip()
    if not tidy:
        return ""
    words: dict[str, object] = {"field": field.label}
    if field.max_length and len(tidy) > field.max_length:
        words |= {"count": field.max_length, "found": len(tidy)}
        raise InvalidInput(_("“%(field)s” takes at most %(count)s characters; these are %(found)s.") % words)
    if field.kind == FieldKind.DATE and not _is_day(tidy):
        raise InvalidInput(_("“%(field)s” wants a date such as 2026-11-22.") % words)
    if field.kind == FieldKind.YES_NO and tidy not in {YES, NO}:
        raise InvalidInput(_("“%(field)s” wants yes or no.") % words)
    return tidy


def _is_day(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except ValueError:
        return False
