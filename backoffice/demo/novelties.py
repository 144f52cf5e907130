"""Products on their way: drafts, products before and after their review, with what reviewers wrote."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from backoffice.demo.catalogue import PlannedProduct, plan_novelties
from backoffice.demo.describing import describe, hang_tags, product_ids, write_texts
from backoffice.demo.goods import hang_pictures, new_products
from backoffice.demo.papers import file_certificates
from backoffice.demo.plan import Plan
from backoffice.demo.premises import channel_ids
from backoffice.demo.vocabulary import load
from backoffice.demo.work_rules import answers, workers
from catalog.models import Product, Review, ReviewComment, Verdict
from catalog.services import (
    approve_product,
    create_products,
    end_product,
    list_products,
    request_changes,
    resolve_comment,
    submit_product,
    withdraw_product,
)
from staff.models import TaskKind, TaskTemplate, User
from staff.services import Request, assign_task, request_task, start_task

# how far each product is, over and over: the first of a kind has a task
STORIES = (
    "draft",
    "in_review",
    "changes_requested",
    "scheduled",
    "draft",
    "second_round",
    "approved",
    "half_done",
    "withdrawn",
    "in_review",
    "changes_requested",
    "planned",
)
TASKS = {"in_review", "changes_requested", "approved"}
REVIEWERS = ("manager", "quality", "admin")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who is there."""

    team: Mapping[str, User]
    channels: Mapping[str, int]

    def author(self, place: int) -> User:
        """Return who registers this product; two people share the work."""
        return self.team[("merchandiser", "md.eun")[place % 2]]

    def reviewer(self, place: int) -> User:
        """Return who looks at it: never its author."""
        return self.team[REVIEWERS[place % len(REVIEWERS)]]


def novelties_of(plan: Plan) -> list[PlannedProduct]:
    """Return the products that are being registered: one of twenty, twelve at least."""
    rng = random.Random(plan.begin.seed + 2)  # noqa: S311 an invented shop is no secret
    count = max(len(STORIES), len(plan.products) // 20)
    return plan_novelties(rng=rng, sold=plan.products, count=count, now=plan.begin.now)


def register_novelties(*, plan: Plan) -> int:
    """Register them, and bring each as far as its story goes; return how many there are."""
    products, desk = novelties_of(plan), Desk(workers(), channel_ids())
    for turn in (0, 1):
        mine = products[turn::2]
        create_products(
            products=new_products(mine), prices_from=timezone.now() - timedelta(hours=2), actor=desk.author(turn)
        )
        finished = [one for place, one in enumerate(products) if place % 2 == turn and _story(place) != "draft"]
        write_texts(products=finished, actor=desk.author(turn))
        hang_tags(products=mine, wanted=0, newest=plan.begin.now, actor=desk.author(turn))
        hang_pictures(products=finished, first=len(plan.products), actor=desk.author(turn))
        describe(products=finished, actor=desk.author(turn))
        file_certificates(products=finished, has_gaps=False, actor=desk.author(turn))
    ids = product_ids(products)
    for place, one in enumerate(products):
        product = Product.objects.get(pk=ids[one.code])
        story = _story(place)
        if place < len(STORIES) and story in TASKS and story not in map(_story, range(place)):
            _ask_for(desk, product, place)
        _tell(desk, product.pk, story, place)
    _spread_over_days([ids[one.code] for one in products])
    return len(products)


def _story(place: int) -> str:
    return STORIES[place % len(STORIES)]


def _ask_for(desk: Desk, product: Product, place: int) -> None:
    """Ask for the registration as a task about the product, and let its author take it."""
    template = TaskTemplate.objects.get(code="registration-naver")
    kind = TaskKind.PRODUCT_REGISTRATION.value
    request = Request(
        kind=kind,
        title=f"신상품 등록: {product.code}",
        brief=answers(kind),
        template_id=template.pk,
        subject=product,
        due_at=timezone.now() + timedelta(days=2 + place % 3),
        slot_ids=[],
        review_roles=[],  # the product's own review is the task's
    )
    task = request_task(request=request, actor=desk.team["manager"])
    assign_task(task_id=task.pk, assignee_id=desk.author(place).pk, actor=desk.team["manager"])
    start_task(task_id=task.pk, actor=desk.author(place))


def _tell(desk: Desk, product_id: int, story: str, place: int) -> None:
    """Carry one product through its story."""
    author = desk.author(place)
    if story == "draft":
        if place >= len(STORIES) and place % 3 == 0:
            end_product(product_id=product_id, reason="샘플 품질 미달", actor=author)
        return
    review = submit_product(product_id=product_id, actor=author)
    if story == "withdrawn":
        withdraw_product(product_id=product_id, actor=author)
    elif story in {"changes_requested", "half_done", "second_round"}:
        _send_back(desk, review, place)
        _work_on(review, author, until=1 if story == "half_done" else 99 if story == "second_round" else 0)
        if story == "second_round":
            submit_product(product_id=product_id, actor=author)
    elif story != "in_review":
        if story == "approved":
            _send_back(desk, review, place)
            _work_on(review, author, until=99)
            review = submit_product(product_id=product_id, actor=author)
        note = "좋습니다. 다음 주에 올려 주세요." if place % 2 else "Good to go."
        approve_product(product_id=product_id, review_id=review.pk, note=note, actor=desk.reviewer(place + 1))
        _list(desk, product_id, story, author)


def _send_back(desk: Desk, review: Review, place: int) -> None:
    remarks = load("registration")["remarks"]
    remark = remarks[place % len(remarks)]
    request_changes(
        product_id=review.product_id,
        review_id=review.pk,
        comments=[(part, text) for part, text in remark["comments"]],
        note=remark["note"],
        actor=desk.reviewer(place),
    )


def _work_on(review: Review, author: User, *, until: int) -> None:
    """Tick the first comments as done."""
    for comment in ReviewComment.objects.filter(review=review).order_by("pk")[:until]:
        resolve_comment(comment_id=comment.pk, actor=author)


def _list(desk: Desk, product_id: int, story: str, author: User) -> None:
    channels = [desk.channels["seoul-shop"], desk.channels["naver"]]
    if story == "scheduled":
        start = (timezone.now() + timedelta(days=4)).replace(minute=0, second=0, microsecond=0)
        list_products(product_ids=[product_id], sales_channel_ids=channels, starts_at=start, actor=author)


def _spread_over_days(product_ids: Sequence[int]) -> None:
    """Let rounds of review have taken days, as they do: an earlier round lies further back."""
    rounds = Review.objects.filter(product__in=product_ids).order_by("product", "pk")
    counts = dict(rounds.order_by().values_list("product").annotate(count=Count("pk")))
    for review in rounds:
        counts[review.product_id] -= 1
        back = timedelta(days=2 * counts[review.product_id], hours=3 + review.product_id % 20)
        review.submitted_at -= back
        if review.verdict != Verdict.WAITING and review.decided_at is not None:
            review.decided_at -= back - timedelta(hours=2)
        review.save(update_fields=["submitted_at", "decided_at"])
        ReviewComment.objects.filter(review=review).update(created_at=review.decided_at or review.submitted_at)
