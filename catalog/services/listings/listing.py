"""Where products are sold: each on each channel live, scheduled, paused or ended."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.checking import run_checks
from catalog.events import ListingMoved, ProductActivated, ProductEnded
from catalog.models import LISTING_TRANSITIONS, Listing, ListingState, Product, ProductStatus, SalesChannel
from catalog.policies import can_change_products
from catalog.services.pictures.receiving import retire_creatives, show_creatives
from catalog.services.review.following import carry_tasks
from core.errors import DomainError, InvalidInput, InvalidTransition, NotAllowed
from core.events import record_many
from staff.models import TaskStatus, User

L = ListingState
RUNNING = (L.LIVE, L.SCHEDULED, L.PAUSED)
# approved goes live for the first time, ended comes back
SELLABLE = frozenset({ProductStatus.APPROVED, ProductStatus.ACTIVE, ProductStatus.ENDED})


@dataclass(frozen=True, kw_only=True)
class ListingBatch:
    """What became of products on channels: how many are live and scheduled now, and (where, why) of each refused."""

    live: int = 0
    scheduled: int = 0
    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def list_product(
    *,
    product_id: int,
    sales_channel_id: int,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    actor: User | None = None,
) -> Listing:
    """Sell a product on a channel from ``starts_at`` (default: now) until ``ends_at``, and return its listing.

    Refuses, with all reasons in one sentence, what ``list_products`` refuses.
    """
    with transaction.atomic():
        batch = list_products(
            product_ids=[product_id],
            sales_channel_ids=[sales_channel_id],
            starts_at=starts_at,
            ends_at=ends_at,
            actor=actor,
        )
        if batch.refused:
            raise InvalidTransition(" ".join(reason for _where, reason in batch.refused))
        return Listing.objects.get(product=product_id, sales_channel=sales_channel_id)


@transaction.atomic
def list_products(
    *,
    product_ids: Collection[int],
    sales_channel_ids: Collection[int],
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    actor: User | None = None,
) -> ListingBatch:
    """Sell products on channels: live at once, or scheduled when ``starts_at`` lies ahead; refused ones are named.

    A product that goes live somewhere is on sale. Refused is what is not approved, what is live there already with
    the same dates, and, when it would be live at once, what a blocking check speaks against, with all its reasons.
    InvalidInput for a period that ends before it starts, or has ended; NotAllowed without the right.
    """
    now = timezone.now()
    _check_period(starts_at, ends_at, now)
    products = _locked(product_ids, actor)
    channels = list(SalesChannel.objects.filter(pk__in=sales_channel_ids, is_active=True).order_by("pk"))
    is_later = starts_at is not None and starts_at > now
    able = [product for product in products if product.status in SELLABLE]
    refused = [
        (product.code, _("It is not approved yet. Have it reviewed first."))
        for product in products
        if product.status not in SELLABLE
    ]
    obstacles = {} if is_later else obstacles_of(able, channels)
    listings = _listings(able, channels)
    moved: list[Listing] = []
    before: dict[int, str] = {}
    to = L.SCHEDULED if is_later else L.LIVE
    for product in able:
        for channel in channels:
            listing = listings[product.pk, channel.pk]
            where = f"{product.code} · {channel.name}"
            if reasons := obstacles.get((product.pk, channel.pk)):
                refused.append((where, f"{channel.name}: {' '.join(reasons)}"))
                continue
            try:
                before[listing.pk] = _prepare(listing, to, starts_at, ends_at, now)
            except DomainError as error:
                refused.append((where, str(error)))
                continue
            moved.append(listing)
    save_listings(moved, before, actor)
    went_live = {listing.product_id for listing in moved if listing.state == L.LIVE}
    put_on_sale([product for product in able if product.pk in went_live], actor)
    count = len(moved)
    return ListingBatch(live=0 if is_later else count, scheduled=count if is_later else 0, done=count, refused=refused)


@transaction.atomic
def pause_listings(
    *, product_ids: Collection[int], sales_channel_ids: Collection[int], reason: str, actor: User | None = None
) -> ListingBatch:
    """Take products off these channels for a while; what is not live or scheduled there is left alone.

    InvalidInput without a reason; NotAllowed without the right.
    """
    reason = reason.replace("\x00", "").strip()[:200]
    if not reason:
        raise InvalidInput(_("Say why it is paused."))
    return _move_all(product_ids, sales_channel_ids, {L.LIVE, L.SCHEDULED}, L.PAUSED, reason, actor)


@transaction.atomic
def resume_listings(
    *, product_ids: Collection[int], sales_channel_ids: Collection[int], actor: User | None = None
) -> ListingBatch:
    """Sell paused products again: live, or scheduled when their start still lies ahead.

    Refused are those against which a blocking check speaks; NotAllowed without the right.
    """
    now = timezone.now()
    products = {product.pk: product for product in _locked(product_ids, actor)}
    paused = list(
        Listing.objects.filter(product__in=products, sales_channel__in=sales_channel_ids, state=L.PAUSED)
        .select_related("product", "sales_channel")
        .order_by("product", "sales_channel")
    )
    later = [row for row in paused if row.starts_at is not None and row.starts_at > now]
    at_once = [row for row in paused if row not in later]
    obstacles = obstacles_of(
        [products[pk] for pk in dict.fromkeys(row.product_id for row in at_once)],
        list({row.sales_channel_id: row.sales_channel for row in at_once}.values()),
    )
    refused, moved = [], []
    for row in paused:
        if row in at_once and (reasons := obstacles.get((row.product_id, row.sales_channel_id))):
            refused.append((row.product.code, f"{row.sales_channel.name}: {' '.join(reasons)}"))
            continue
        row.state, row.reason = (L.SCHEDULED if row in later else L.LIVE), ""
        moved.append(row)
    save_listings(moved, dict.fromkeys([row.pk for row in moved], L.PAUSED.value), actor)
    live = [row for row in moved if row.state == L.LIVE]
    put_on_sale([products[pk] for pk in dict.fromkeys(row.product_id for row in live)], actor)
    return ListingBatch(live=len(live), scheduled=len(moved) - len(live), done=len(moved), refused=refused)


@transaction.atomic
def end_listings(
    *,
    product_ids: Collection[int],
    sales_channel_ids: Collection[int],
    reason: str = "",
    actor: User | None = None,
) -> ListingBatch:
    """End products on these channels; a product that is nowhere any more has ended. NotAllowed without the right."""
    return _move_all(product_ids, sales_channel_ids, {L.PLANNED, *RUNNING}, L.ENDED, reason.strip()[:200], actor)


def obstacles_of(products: Sequence[Product], channels: Sequence[SalesChannel]) -> dict[tuple[int, int], list[str]]:
    """Return what keeps products from going live, by (product id, sales channel id), in sentences without doubles."""
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for finding in run_checks(products, channels, blocking_only=True):
        targets = [finding.channel_id] if finding.channel_id is not None else [channel.pk for channel in channels]
        for channel_id in targets:
            if finding.sentence not in found[finding.product_id, channel_id]:
                found[finding.product_id, channel_id].append(finding.sentence)
    return dict(found)


def _check_period(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> None:
    if ends_at is not None and ends_at <= (starts_at or now):
        raise InvalidInput(_("The sale ends before it starts. Choose a later end."))
    if ends_at is not None and ends_at <= now:
        raise InvalidInput(_("The end lies in the past. Choose a later one."))


def _locked(product_ids: Collection[int], actor: User | None) -> list[Product]:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    rows = Product.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=product_ids)
    return list(rows.order_by("pk"))


def _listings(products: Sequence[Product], channels: Sequence[SalesChannel]) -> dict[tuple[int, int], Listing]:
    """Return the listing of each product on each channel, planned where there was none."""
    wanted = [Listing(product=product, sales_channel=channel) for product in products for channel in channels]
    Listing.objects.bulk_create(wanted, ignore_conflicts=True)
    rows = Listing.objects.filter(product__in=products, sales_channel__in=channels).select_related("sales_channel")
    return {(row.product_id, row.sales_channel_id): row for row in rows}


def _prepare(
    listing: Listing, to: ListingState, starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> str:
    """Give a listing its new state and dates and return the old state; InvalidTransition when nothing would change."""
    before = listing.state
    same = (listing.starts_at if to == L.SCHEDULED else None, listing.ends_at) == (
        starts_at if to == L.SCHEDULED else None,
        ends_at,
    )
    if before == to and same:
        raise InvalidTransition(_("On %(channel)s it is so already.") % {"channel": listing.sales_channel.name})
    if before != to:
        LISTING_TRANSITIONS.check(ListingState(before), to)
    listing.state, listing.reason, listing.ends_at = to, "", ends_at
    if to == L.SCHEDULED or before != L.LIVE:
        listing.starts_at = starts_at or now
    return before


def _move_all(
    product_ids: Collection[int],
    sales_channel_ids: Collection[int],
    sources: Collection[ListingState],
    to: ListingState,
    reason: str,
    actor: User | None,
) -> ListingBatch:
    products = _locked(product_ids, actor)
    rows = list(
        Listing.objects.filter(product__in=products, sales_channel__in=sales_channel_ids, state__in=sources)
        .select_related("sales_channel")
        .order_by("product", "sales_channel")
    )
    before = {row.pk: row.state for row in rows}
    for row in rows:
        row.state, row.reason = to, reason
    save_listings(rows, before, actor)
    if to == L.ENDED:
        touched = {row.product_id for row in rows}
        take_off_sale([product for product in products if product.pk in touched], actor)
    return ListingBatch(done=len(rows))


def save_listings(rows: Sequence[Listing], before: dict[int, str], actor: User | None) -> None:
    """Write these listings of locked products and what became of them; ``before`` is their old state by id."""
    now = timezone.now()
    for row in rows:
        row.changed_at = now
    Listing.objects.bulk_update(rows, ["state", "reason", "starts_at", "ends_at", "changed_at"], batch_size=1000)
    facts = [
        (
            ListingMoved(
                product_id=row.product_id,
                listing_id=row.pk,
                sales_channel=row.sales_channel.name,
                state=row.state,
                before=before[row.pk],
                starts_at=row.starts_at.isoformat() if row.starts_at and row.state == L.SCHEDULED else "",
                ends_at=row.ends_at.isoformat() if row.ends_at and row.state in (L.LIVE, L.SCHEDULED) else "",
                reason=row.reason,
            ),
            row.product_id,
        )
        for row in rows
    ]
    if facts:
        record_many(facts, model=Product, actor=actor)


def put_on_sale(products: Sequence[Product], actor: User | None) -> None:
    """Let these locked products be on sale, because they are live somewhere; their delivered pictures are live."""
    fresh = [product for product in products if product.status != ProductStatus.ACTIVE]
    _set_status(fresh, ProductStatus.ACTIVE)
    if fresh:
        record_many(
            [(ProductActivated(product_id=product.pk), product.pk) for product in fresh], model=Product, actor=actor
        )
    for product in fresh:
        show_creatives(product_id=product.pk)
        carry_tasks(product_id=product.pk, to=TaskStatus.LIVE)


def take_off_sale(products: Sequence[Product], actor: User | None) -> None:
    """Let those of these locked products that run nowhere any more have ended; their live pictures are retired."""
    running = Listing.objects.filter(product=OuterRef("pk"), state__in=RUNNING)
    selling = [product.pk for product in products if product.status == ProductStatus.ACTIVE]
    nowhere = set(Product.objects.filter(~Exists(running), pk__in=selling).values_list("pk", flat=True))
    gone = [product for product in products if product.pk in nowhere]
    _set_status(gone, ProductStatus.ENDED)
    if gone:
        record_many([(ProductEnded(product_id=product.pk), product.pk) for product in gone], model=Product, actor=actor)
    for product in gone:
        retire_creatives(product_id=product.pk)


def _set_status(products: Sequence[Product], status: ProductStatus) -> None:
    if products:  # what is sold again is replaced by nothing
        Product.objects.filter(pk__in=[product.pk for product in products]).update(
            status=status, replaced_by=None, updated_at=timezone.now()
        )
    for product in products:
        product.status = status
