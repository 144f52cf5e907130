"""Reviews: read, answered in public, sorted by reason, made tickets of; hidden only by two people."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ActionForm, Answer, BulkOutcome, ModelAdmin, Tab, actor, bulk_action, columns, service_action
from core.ui.readonly import ReadOnlyAdmin
from core.ui.timeline import timeline_icon
from service.admin.reason import ReasonField
from service.admin.status import inbox_url
from service.selectors.reasons import reason_choices, reason_paths
from voice import services
from voice.models import LOW, HidingGround, ReplyState, Review, ReviewState

LOW_TO_ANSWER = Q(rating__lte=LOW, state=ReviewState.SHOWN, ticket=None, reply=None)
ANSWER, HIDE = "voice.answer_review", "voice.ask_hiding"


class AnswerForm(ActionForm):
    """What everybody will read below the review."""

    body = forms.CharField(
        label=gettext_lazy("Our answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Everybody reads it: no order numbers, names or addresses."),
    )  # fmt: skip


class SortReviewForm(ActionForm):
    """What the review is about."""

    reason = ReasonField(label=gettext_lazy("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.choices = reason_choices()


class HideForm(ActionForm):
    """For which lawful reason, and what shows that it holds."""

    ground = forms.ModelChoiceField(
        label=gettext_lazy("Lawful reason"), queryset=HidingGround.objects.filter(is_active=True), empty_label=None
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Which words, and why the reason holds. That somebody is dissatisfied is no reason."),
    )  # fmt: skip


def _stars(review: Review) -> str:
    return "\N{WORD JOINER}".join("★" * review.rating + "☆" * (5 - review.rating))


def _gist(review: Review) -> str:
    words = " ".join(f"{review.title} {review.body}".split())
    return words[:120] or "–"


def _reply(review: Review) -> str:
    reply = getattr(review, "reply", None)
    return reply.get_state_display() if reply else "–"


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """What people say in public."""

    list_display = [
        columns.computed("stars", pgettext_lazy("review", "Stars"), _stars, css="fit"),
        columns.computed("gist", pgettext_lazy("customer", "Review"), _gist),
        columns.text("product", gettext_lazy("Product")),
        columns.text("sales_channel", gettext_lazy("Sales channel")),
        columns.computed("reply", gettext_lazy("Our answer"), _reply),
        columns.badge("state", gettext_lazy("State"), colours={"shown": "green", "hidden": "grey"}),
        columns.moment("written_at", gettext_lazy("Written"), order=True),
    ]
    list_select_related = ("product", "sales_channel", "reply")
    ordering = ["-written_at", "-id"]
    tabs = [
        Tab("low", pgettext_lazy("reviews", "Low, to answer"), LOW_TO_ANSWER),
        Tab("owed", pgettext_lazy("reviews", "Answers to bring to the channel"), Q(reply__state=ReplyState.OWED)),
        Tab("hidden", pgettext_lazy("reviews", "Hidden"), Q(state=ReviewState.HIDDEN)),
        Tab("all", pgettext_lazy("reviews", "All"), count=False),
    ]
    list_filter = ["rating", "sales_channel", "language"]
    exact_search_fields = ["external_id"]
    fields = ["title", "body", "author_name", "product", "sales_channel", "order", "customer", "written_at"]
    empty_title = gettext_lazy("No reviews here")
    empty_text = gettext_lazy("Reviews come in by the files of the malls: Imports, target Reviews.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Show what the page shows."""
        return [*self.fields, "our_answer"]

    def facts(self, request: HttpRequest, obj: Review) -> Sequence[tuple[Any, Any]]:
        """Return stars, reason, ticket, answer and whether it is shown."""
        reply = getattr(obj, "reply", None)
        facts: list[tuple[Any, Any]] = [
            (pgettext_lazy("review", "Stars"), _stars(obj)),
            (_("State"), obj.get_state_display()),
            (_("Reason"), reason_paths()[obj.reason_id] if obj.reason_id else "–"),
        ]
        if obj.ticket is not None:
            facts.append((_("Ticket"), format_html('<a href="{}">{}</a>', inbox_url(obj.ticket_id or 0), obj.ticket)))
        if reply is not None:
            facts.append((_("Our answer"), reply.get_state_display()))
        return facts

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Leave out what this review does not have; our answer stands below its words."""
        shown = [name for name in self.fields if obj is None or getattr(obj, name)]
        return [*shown, "our_answer"] if obj is not None and hasattr(obj, "reply") else shown

    @admin.display(description=gettext_lazy("Our answer"))
    def our_answer(self, obj: Review) -> str:
        """Return the public answer's words."""
        return obj.reply.body

    @service_action(
        pgettext_lazy("review", "Answer in public"),
        permission=ANSWER,
        form=AnswerForm,
        icon="reply",
        variant="primary",
        available=lambda _user, review: not (hasattr(review, "reply") and review.reply.state == ReplyState.SENT),
    )
    def answer(self, request: HttpRequest, obj: Review, data: dict[str, Any]) -> Answer:
        """Write the public answer."""
        services.answer_review(review_id=obj.pk, body=data["body"], actor=actor(request))
        return Answer(_("Written. Bring it to the channel and say that it is public."))

    @service_action(
        pgettext_lazy("review", "Make a ticket"),
        permission=ANSWER,
        icon="confirmation_number",
        available=lambda _user, review: review.ticket_id is None,
    )
    def ticket(self, request: HttpRequest, obj: Review, data: dict[str, Any]) -> Answer:
        """Work on what the review tells."""
        review = services.open_review_ticket(review_id=obj.pk, actor=actor(request))
        return Answer(_("Ticket %(number)s is open.") % {"number": review.ticket}, inbox_url(review.ticket_id))

    @service_action(pgettext_lazy("review", "Reason"), permission=ANSWER, form=SortReviewForm, icon="label")
    def sort(self, request: HttpRequest, obj: Review, data: dict[str, Any]) -> Answer:
        """Say what it is about."""
        services.sort_review(review_id=obj.pk, reason_id=data["reason"], actor=actor(request))
        return Answer(_("Saved."))

    @service_action(
        pgettext_lazy("review", "Answer is public"),
        permission=ANSWER,
        icon="done_all",
        available=lambda _user, review: hasattr(review, "reply") and review.reply.state == ReplyState.OWED,
    )
    def public(self, request: HttpRequest, obj: Review, data: dict[str, Any]) -> Answer:
        """Note that the channel has the answer."""
        services.mark_answers_public(review_ids=[obj.pk], actor=actor(request))
        return Answer(_("Noted as public."))

    @service_action(
        pgettext_lazy("review", "Ask to hide"),
        permission=HIDE,
        form=HideForm,
        icon="visibility_off",
        is_rare=True,
        question=gettext_lazy("Somebody else decides. Hiding because of dissatisfaction is forbidden and fined."),
        available=lambda _user, review: review.state == ReviewState.SHOWN,
    )
    def hide(self, request: HttpRequest, obj: Review, data: dict[str, Any]) -> Answer:
        """Ask that it is hidden."""
        services.ask_hiding(
            review_id=obj.pk, ground_id=data["ground"].pk, evidence=data["evidence"], actor=actor(request)
        )
        return Answer(_("Asked. Until somebody else has decided the review is shown."))

    @bulk_action(pgettext_lazy("reviews", "Answers are public"), permission=ANSWER)
    def public_selected(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Note that the channel has the answers."""
        return BulkOutcome(done=services.mark_answers_public(review_ids=ids, actor=actor(request)), refused=[])


@admin.register(HidingGround)
class HidingGroundAdmin(ModelAdmin):
    """For which reasons a review may be hidden at all, and where that is written."""

    few_rows = True
    list_display = [
        columns.computed("name", gettext_lazy("Lawful reason"), str),
        columns.text("source", gettext_lazy("Source")),
        columns.flag("is_verified", gettext_lazy("Verified")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    ordering = ["position", "id"]
    search_fields = ["code", "name_en", "name_ko", "name_ja"]
    fields = [
        ("code", "jurisdiction"),
        ("name_en", "name_ko", "name_ja"),
        ("source", "is_verified"),
        ("position", "is_active"),
    ]
    empty_title = gettext_lazy("No lawful reasons yet")
    empty_text = gettext_lazy("Without a lawful reason no review can be hidden.")


for name, icon in {
    "review_answered": "reply",
    "review_reply_sent": "done_all",
    "review_became_ticket": "confirmation_number",
    "hiding_asked": "visibility_off",
    "hiding_decided": "gavel",
    "hiding_lifted": "visibility",
    "alert_rang": "notifications_active",
    "alert_handled": "task_alt",
}.items():
    timeline_icon(f"voice.{name}", icon)
