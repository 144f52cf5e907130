"""What the demo's customers read, say in public and complain about, and what the figures make of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count

from backoffice.demo.recall import LOT
from backoffice.demo.vocabulary import load
from customers.models import Identity, IdentityKind
from inventory.models import Lot
from inventory.selectors.lots import lot_deliveries
from knowledge.models import Article
from knowledge.services import draft_article, flag_stale_articles, publish_edition, quote_policy, review_article
from orders.models import OrderLine, ShipmentLine
from returns.models import ReturnRule
from returns.services import save_return_rule
from service.models import Inlet, ReasonNode
from service.selectors.reasons import find_reason
from service.services import Incoming, claim_ticket, link_ticket_order, reply_to_ticket, resolve_ticket, take_message
from service.services.surveying import answer_survey, claim_survey, record_survey_sent, survey_token
from staff.models import Language, User
from voice.models import AlertRule, Hiding, HidingGround, Review
from voice.services import (
    GivenReview,
    answer_review,
    ask_hiding,
    count_voice,
    decide_hiding,
    mark_answers_public,
    open_review_ticket,
    ring_alerts,
    seed_hiding_grounds,
    sort_review,
    take_reviews,
)

Team = Mapping[str, User]
GOODS = 3  # products that the words are about
BACK = timedelta(days=28)
LOOK_AGAIN = timedelta(days=180)


def hear_customers(*, now: datetime, team: Team) -> None:
    """Publish articles, take in reviews, settle matters with their reason, hear how it was; then count and ring."""
    _write_articles(now, team)
    lines = _lines_of_goods(now)
    if len(lines) == GOODS:
        seed_hiding_grounds()
        _take_reviews(lines, now, team)
        for place, plan in enumerate(load("listening")["matters"]):
            some = lines[plan["goods"]]
            _settle(f"voice-{place}", plan, some[place % len(some)], now, team)
    _settle_lot(now, team)
    _hear_how_it_was(now)
    for rule in load("listening")["rules"]:
        reason = ReasonNode.objects.get(code=rule["reason"])
        AlertRule.objects.create(**{**rule, "reason": reason})
    count_voice(days=92, today=now.date())
    ring_alerts(today=now.date())


def _write_articles(now: datetime, team: Team) -> None:
    rule = ReturnRule.objects.order_by("pk").first()
    for plan in load("listening")["articles"]:
        _write_article(plan, rule, now, team["cslead"])
    if rule is not None:  # what the article about returns tells is dearer since: it has to be looked through
        rule.return_shipping = 3_500
        save_return_rule(rule=rule, changed=["return_shipping"], actor=team["manager"])
    flag_stale_articles()


def _write_article(plan: Mapping[str, Any], rule: ReturnRule | None, now: datetime, writer: User) -> None:
    article = Article.objects.create(
        code=plan["code"], topic=plan["topic"], audience=plan["audience"], created_by=writer
    )  # fmt: skip
    is_live = not plan.get("is_draft")
    for language in filter(plan.get, Language.values):
        draft = draft_article(article_id=article.pk, language=language, actor=writer, **plan[language])
        if is_live:
            publish_edition(edition_id=draft.pk, actor=writer)
    if "law" in plan:
        code, where = plan["law"]
        quote_policy(article_id=article.pk, legal_code=code, jurisdiction=where, actor=writer)
    if plan.get("return_rule") and rule is not None:
        quote_policy(article_id=article.pk, return_rule_id=rule.pk, actor=writer)
    if is_live:
        review_article(article_id=article.pk, review_on=(now + LOOK_AGAIN).date(), actor=writer)


def _lines_of_goods(now: datetime) -> list[list[OrderLine]]:
    """Return lines of the products that left most in the last weeks, each to a buyer whom we know."""
    left = ShipmentLine.objects.filter(
        shipment__shipped_at__gte=now - BACK, line__order__customer__isnull=False, line__order__country="KR"
    )
    counted = left.filter(line__variant__isnull=False).values_list("line__variant__product").annotate(left=Count("pk"))
    products = [product for product, _count in counted.order_by("-left", "line__variant__product")[:GOODS]]
    rows = OrderLine.objects.select_related("order", "variant").order_by("-order__placed_at", "pk")
    shipped = left.values("line")
    return [list(rows.filter(variant__product=product, pk__in=shipped)[:20]) for product in products]


def _take_reviews(lines: Sequence[Sequence[OrderLine]], now: datetime, team: Team) -> None:
    for place, plan in enumerate(load("listening")["reviews"]):
        some = lines[plan["goods"]]
        line = some[place % len(some)]
        given = GivenReview(
            external_id=f"R-{now:%y%m}-{place + 1:03d}", rating=plan["rating"], title=plan.get("title", ""),
            body=plan["body"], author_name=plan["author"], product_code=line.variant.sku if line.variant else "",
            order_number=line.order.external_number, written_at=now - timedelta(days=plan["days"]),
        )  # fmt: skip
        [(review, _new)] = take_reviews(sales_channel_id=line.order.sales_channel_id, rows=[given])
        _work_on(review, plan, team)


def _work_on(review: Review, plan: Mapping[str, str], team: Team) -> None:
    if reason := find_reason(plan.get("reason", "")):
        sort_review(review_id=review.pk, reason_id=reason, actor=team["cs"])
    if "reply" in plan:
        answer_review(review_id=review.pk, body=plan["reply"], actor=team["cs"])
    if plan.get("public"):
        mark_answers_public(review_ids=[review.pk], actor=team["cs"])
    if plan.get("ticket") and Inlet.objects.filter(sales_channel=review.sales_channel_id, kind="mall").exists():
        open_review_ticket(review_id=review.pk, actor=team["cs"])
    if "hide" in plan:
        ground = HidingGround.objects.get(code=plan["hide"])
        hiding: Hiding = ask_hiding(
            review_id=review.pk, ground_id=ground.pk, evidence=plan["evidence"], actor=team["cs"]
        )  # fmt: skip
        if said := plan.get("decision"):
            is_hidden = said == "hidden"
            decide_hiding(
                hiding_id=hiding.pk, is_hidden=is_hidden, answer="" if is_hidden else said, actor=team["cslead"]
            )  # fmt: skip


def _settle_lot(now: datetime, team: Team) -> None:
    """Let who got pieces of the lot that was called back complain about it."""
    lot = Lot.objects.filter(number=LOT).first()
    found = lot_deliveries(lot_id=lot.pk) if lot is not None else []
    reserved = [row.reservation_id for row in found]
    lines = OrderLine.objects.filter(allocations__reservation__in=reserved).select_related("order").order_by("pk")
    for place, (plan, line) in enumerate(zip(load("listening")["lot_matters"], lines, strict=False)):
        _settle(f"lot-{place}", {**plan, "reason": "product-defective"}, line, now, team)


def _settle(key: str, plan: Mapping[str, str], line: OrderLine, now: datetime, team: Team) -> None:
    known = Identity.objects.filter(customer=line.order.customer_id, kind=IdentityKind.EMAIL)
    incoming = Incoming(
        external_id=f"demo:{key}", subject=plan["subject"], body=plan["body"], sender_name=line.order.buyer_name,
        sender_address=known.values_list("value", flat=True).first() or "", message_id=f"{key}@mail.example",
        at=now - timedelta(hours=5),
    )  # fmt: skip
    ticket = take_message(inlet_id=Inlet.objects.get(code="mail-kr").pk, incoming=incoming).message.ticket
    claim_ticket(ticket_id=ticket.pk, actor=team["cs"])
    link_ticket_order(ticket_id=ticket.pk, order_id=line.order_id, line_id=line.pk, actor=team["cs"])
    ticket.refresh_from_db()
    reply_to_ticket(
        ticket_id=ticket.pk, body=plan["reply"], seen_version=ticket.version, key=f"demo:{key}", actor=team["cs"]
    )  # fmt: skip
    resolve_ticket(ticket_id=ticket.pk, reason_id=find_reason(plan["reason"]), actor=team["cs"])


def _hear_how_it_was(now: datetime) -> None:
    """Send the surveys of what is settled, as if an hour had passed, and let most customers answer."""
    plans = {plan["subject"]: plan for plan in load("listening")["matters"]}
    while owed := claim_survey(now=now + timedelta(hours=3)):
        record_survey_sent(survey_id=owed.survey.pk)
        plan = plans.get(owed.survey.ticket.subject, {})
        if "score" in plan:
            token = survey_token(owed.survey)
            answer_survey(token=token, score=int(plan["score"]), comment=plan.get("comment", ""))
