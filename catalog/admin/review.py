"""Review of a product: the buttons of its page, what the reviewer reads and writes, and the author's ticks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from catalog import policies, selectors, services
from catalog.checking import Severity
from catalog.fields import Part, is_part, part
from catalog.models import Product, ProductStatus, Review, ReviewComment, Verdict
from catalog.selectors.sellable import Sellable, sellable_of
from catalog.selectors.sheet import SheetPart, sheet_of
from core.commands import once
from core.errors import DomainError
from core.ui import BulkOutcome, Panel, actor, bulk_action, link_action, register_panel, service_action
from core.ui.badges import NavigationBadge, register_badge
from core.ui.pressing import new_key, posted_key
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Row, Rows, Tile, register_tile
from staff.models import User

CHANGE, REVIEW = "catalog.change_product", "catalog.review_product"
_PART_OF_CHECK = {
    "variant": "variants",
    "price": "prices",
    "picture": "pictures",
    "category": "category",
    "notice": "notices",
    "certificate": "certificates",
    "attribute": "attributes",
}


@dataclass(frozen=True, kw_only=True)
class ReviewPart:
    """One part as the page shows it: what it says, what checks and colleagues say about it, what was written so far."""

    sheet: SheetPart
    comments: Sequence[ReviewComment]
    errors: Sequence[str]
    hints: Sequence[str]
    changed_by: str
    is_changed: bool
    written: str


class ReviewButtons:
    """Hand in, take back, judge."""

    @service_action(
        gettext_lazy("Submit for review"),
        permission=CHANGE,
        icon="rate_review",
        variant="primary",
        question=gettext_lazy("Hand the product in? A colleague with the right to approve looks at it."),
        available=lambda user, product: policies.is_submittable(product),
    )
    def submit(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Hand in."""
        services.submit_product(product_id=obj.pk, actor=actor(request))
        return _("%(name)s waits for its reviewer.") % {"name": obj.name}

    review = link_action(
        "review",
        gettext_lazy("Review"),
        permission=REVIEW,
        icon="fact_check",
        variant="primary",
        link=lambda product: review_url(product.pk),
        available=lambda user, product: product.status == ProductStatus.IN_REVIEW,
    )

    @service_action(
        pgettext_lazy("review", "Take back"),
        permission=CHANGE,
        icon="undo",
        question=gettext_lazy("Take the product back from review to go on working on it?"),
        available=lambda user, product: policies.is_withdrawable(product),
    )
    def withdraw(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Take back."""
        services.withdraw_product(product_id=obj.pk, actor=actor(request))
        return _("%(name)s is a draft again.") % {"name": obj.name}

    @bulk_action(
        gettext_lazy("Submit for review"),
        permission=CHANGE,
        icon="rate_review",
        question=gettext_lazy("Hand these products in for review?"),
        limit=500,
    )
    def submit_selected(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Hand many in."""
        batch = services.submit_products(product_ids=ids, actor=actor(request))
        return BulkOutcome(len(batch.done), batch.refused)


def review_url(product_id: int) -> str:
    """Return the address of the review page."""
    return reverse("admin:catalog_product_review", args=[product_id])


def product_url(product_id: int, anchor: str = "") -> str:
    """Return the address of the product's page, or of a place on it."""
    return reverse("admin:catalog_product_change", args=[product_id]) + (f"#{anchor}" if anchor else "")


@register_page(
    "catalog/product/<int:product_id>/review/", name="catalog_product_review", permission="catalog.view_product"
)
@require_http_methods(["GET", "HEAD", "POST"])
def review_page(request: HttpRequest, product_id: int) -> HttpResponseBase:
    """GET shows the product part by part; POST approves it or sends it back with comments, or says why not."""
    product = Product.objects.select_related("category", "product_type", "author").filter(pk=product_id).first()
    if product is None:
        raise Http404
    if request.method == "POST":
        try:
            messages.success(request, _decide(request, product))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            return HttpResponseRedirect(product_url(product.pk))
    return _render(request, product)


def _decide(request: HttpRequest, product: Product) -> str:
    """Carry out what was pressed, once for each opened page, and return the sentence."""
    user, note = actor(request), request.POST.get("note", "")
    round_of = request.POST.get("review", "")
    if request.POST.get("do") not in {"approve", "request"} or not (round_of.isascii() and round_of.isdigit()):
        raise SuspiciousOperation("no such decision")
    key: dict[str, Any] = {"product_id": product.pk, "review_id": int(round_of[:18]), "note": note, "actor": user}
    comments = _written(request)

    def approve() -> str:
        services.approve_product(**key)
        return _("%(name)s is approved.") % {"name": product.name}

    def send_back() -> str:
        services.request_changes(**key, comments=comments)
        return _("%(name)s goes back with your comments.") % {"name": product.name}

    run = approve if request.POST["do"] == "approve" else send_back
    said = {"do": request.POST["do"], "review": round_of, "note": note, "comments": comments}
    return str(once(key=f"review:{user.pk}:{product.pk}:{posted_key(request)}", parameters=said, run=run))


def _written(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the comments of the form, each (part, text); that about the whole product has no part."""
    found = []
    for name, text in request.POST.items():
        if name.startswith("comment_") and is_part(key := name.removeprefix("comment_")) and isinstance(text, str):
            found.append((key, text))
    return [(key, text) for key, text in found if text.strip()]


def _render(request: HttpRequest, product: Product) -> HttpResponse:
    user = actor(request)
    rounds = selectors.rounds_of(product.pk)
    waiting = rounds[0] if rounds and rounds[0].verdict == Verdict.WAITING else None
    [sellable] = sellable_of([product])
    changes = {change.part: change for change in selectors.changed_since_last_round(product.pk)}
    earlier = _comments(rounds)
    problems = _by_part(sellable)
    written = dict(_written(request)) if request.method == "POST" else {}
    parts = [
        ReviewPart(
            sheet=sheet,
            comments=earlier.get(sheet.part.key, ()),
            errors=problems.get((sheet.part.key, Severity.ERROR), ()),
            hints=problems.get((sheet.part.key, Severity.WARNING), ()),
            changed_by=", ".join(str(user) for user in changes[sheet.part.key].by) if sheet.part.key in changes else "",
            is_changed=sheet.part.key in changes,
            written=written.get(sheet.part.key, ""),
        )
        for sheet in sheet_of(product, with_prices=user.has_perm("catalog.view_price"))
    ]
    return render_page(
        request,
        "catalog/pages/review.html",
        title=_("Review: %(product)s") % {"product": product.name},
        product=product,
        round=waiting,
        round_count=sum(each.verdict != Verdict.WITHDRAWN for each in rounds),
        rounds=[each for each in rounds if each.verdict != Verdict.WAITING],
        parts=parts,
        whole_comments=earlier.get("", ()),
        whole_written=written.get("", ""),
        note=request.POST.get("note", ""),
        changed=[part(key) for key in changes if key],
        key=request.POST.get("_key") or new_key(),
        refusal=_refusal(user, product, waiting),
        may_decide=waiting is not None and not _refusal(user, product, waiting),
        back=product_url(product.pk),
    )


def _refusal(user: User, product: Product, waiting: Review | None) -> str:
    """Return why this person cannot decide now, empty when he can."""
    if waiting is None:
        return _("No round waits for a decision.")
    if not policies.can_review_products(user):
        return _("You may not approve products.")
    if user.pk in selectors.people_involved(product):
        return _("Nobody approves a product that he registered or changed himself. Ask a colleague.")
    return ""


def _comments(rounds: Sequence[Review]) -> dict[str, list[ReviewComment]]:
    found: dict[str, list[ReviewComment]] = defaultdict(list)
    for each in rounds:
        if each.verdict == Verdict.CHANGES_REQUESTED:
            for comment in each.comments.all():
                found[comment.field].append(comment)
    return found


def _by_part(sellable: Sellable) -> dict[tuple[str, Severity], list[str]]:
    """Return what the checks say about each part, each sentence once with the channels it is about."""
    found: dict[tuple[str, Severity], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for on in sellable.channels:
        for finding in on.findings:
            key = f"texts_{on.channel.language}" if finding.check == "text" else _PART_OF_CHECK.get(finding.check)
            if key is not None:
                found[key, finding.severity][finding.sentence].append(on.channel.name)
    return {
        key: [_with_channels(sentence, names, len(sellable.channels)) for sentence, names in rows.items()]
        for key, rows in found.items()
    }


def _with_channels(sentence: str, names: Sequence[str], count: int) -> str:
    """Return the sentence with its channels, unless it names them itself or is about all of them."""
    if len(names) == count or any(name in sentence for name in names):
        return sentence
    return f"{', '.join(dict.fromkeys(names))}: {sentence}"


# --- the author's side


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A comment as the author reads it: what it is about, and where that is changed."""

    comment: ReviewComment
    part: Part
    url: str


def review_comments(request: HttpRequest, product: Product) -> dict[str, Any] | None:
    """Give the comments of the last round while the author works on them, and who registered the product."""
    if product.status not in {ProductStatus.CHANGES_REQUESTED, ProductStatus.DRAFT}:
        return None
    last = (
        Review.objects.filter(product=product, verdict__in=[Verdict.CHANGES_REQUESTED, Verdict.APPROVED])
        .select_related("decided_by")
        .order_by("-pk")
        .first()
    )
    if last is None or last.verdict == Verdict.APPROVED:
        return None
    comments = last.comments.select_related("author", "done_by")
    remarks = [
        Remark(comment=row, part=part(row.field), url=product_url(product.pk, part(row.field).anchor))
        for row in comments
    ]
    return {
        "review": last,
        "remarks": remarks,
        "open_count": sum(row.comment.done_at is None for row in remarks),
        "may_tick": policies.can_change_products(actor(request)),
    }


@register_page("catalog/comment/<int:comment_id>/done/", name="catalog_comment_done", permission=CHANGE)
@require_POST
def tick_comment(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Tick a comment, or open it again, and lead back to the product."""
    product_id = ReviewComment.objects.filter(pk=comment_id).values_list("review__product", flat=True).first()
    if product_id is None:
        raise Http404
    try:
        services.resolve_comment(comment_id=comment_id, is_done=request.POST.get("done") == "1", actor=actor(request))
    except DomainError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(product_url(product_id, "panel-comments"))


def to_review(request: HttpRequest) -> Rows:
    """List what waits for a reviewer, the longest first."""
    rounds = Review.objects.filter(verdict=Verdict.WAITING).select_related("product", "submitted_by")
    rows = [
        Row(row.product.name, review_url(row.product_id), f"{row.product.code} · {row.submitted_by or ''}".strip(" ·"))
        for row in rounds.order_by("submitted_at", "pk")[:6]
    ]
    url = f"{reverse('admin:catalog_product_changelist')}?tab=in_review"
    return Rows(rows, gettext_lazy("No product waits for a reviewer."), url)


register_panel(
    Product,
    Panel(
        "comments",
        gettext_lazy("Comments of the reviewer"),
        "catalog/panels/comments.html",
        review_comments,
        position=2,
        wide=True,
        above=True,
    ),
)
register_tile(
    Tile(
        "catalog.to_review",
        pgettext_lazy("products", "To review"),
        to_review,
        REVIEW,
        "catalog",
        60,
        cache_seconds=30,
    )
)
register_badge(NavigationBadge("products_to_review", selectors.products_to_review, level="warning"))
