"""One matter of one customer, from the first message to its end."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Product, SalesChannel
from core.search import search_indexes
from core.states import Transitions
from customers.models import Customer
from orders.models import Order, OrderLine
from service.models.inlet import Inlet, Team
from service.models.reason import ReasonNode
from staff.models import Language, Priority


class TicketStatus(models.TextChoices):
    """Whose turn it is."""

    NEW = "new", pgettext_lazy("ticket", "New")
    OPEN = "open", pgettext_lazy("ticket", "Open")
    WAITING_FOR_CUSTOMER = "waiting_for_customer", pgettext_lazy("ticket", "Waiting for customer")
    RESOLVED = "resolved", pgettext_lazy("ticket", "Resolved")
    CLOSED = "closed", pgettext_lazy("ticket", "Closed")


_S = TicketStatus
TICKET_TRANSITIONS = Transitions(
    {
        _S.NEW: (_S.OPEN, _S.WAITING_FOR_CUSTOMER, _S.RESOLVED),
        _S.OPEN: (_S.WAITING_FOR_CUSTOMER, _S.RESOLVED),
        _S.WAITING_FOR_CUSTOMER: (_S.OPEN, _S.RESOLVED),
        _S.RESOLVED: (_S.OPEN, _S.CLOSED),
        _S.CLOSED: (_S.OPEN,),
    }
)
TO_ANSWER = (TicketStatus.NEW, TicketStatus.OPEN)
UNSOLVED = (*TO_ANSWER, TicketStatus.WAITING_FOR_CUSTOMER)
_ANSWERABLE = Q(status__in=["new", "open"], merged_into=None)


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Words for choosing tickets."""

    def own(self) -> Self:
        """Leave out what was merged into another ticket."""
        return self.filter(merged_into=None)

    def to_answer(self) -> Self:
        """Keep those that wait for us."""
        return self.filter(status__in=["new", "open"], merged_into=None, is_snoozed=False)

    def chats_to_answer(self) -> Self:
        """Keep those that wait for us and came in by a chat."""
        return self.to_answer().filter(inlet__kind="chat")

    def due_by(self, moment: datetime) -> Self:
        """Keep those whose earliest clock ends before the moment."""
        return self.filter(due_at__lt=moment, merged_into=None)

    def waiting(self) -> Self:
        """Keep those that wait for the customer."""
        return self.filter(status="waiting_for_customer", merged_into=None, is_snoozed=False)

    def snoozed(self) -> Self:
        """Keep those that somebody put aside until a moment, or until the customer writes."""
        return self.filter(is_snoozed=True, merged_into=None)


class Ticket(models.Model):
    """One matter; its version rises with each message and note, so that nobody answers what he has not read."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    subject = models.CharField(pgettext_lazy("message", "subject"), max_length=300, blank=True)
    inlet = models.ForeignKey(Inlet, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("inlet"))
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets",
        verbose_name=_("sales channel"),
    )  # fmt: skip
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets", verbose_name=_("customer")
    )
    sender_name = models.CharField(_("sender"), max_length=200, blank=True)  # of the first message
    sender_address = models.CharField(_("sender’s address"), max_length=254, blank=True)  # lower case
    sender_phone = models.CharField(_("sender’s phone"), max_length=40, blank=True, db_default="")
    status = models.CharField(_("status"), max_length=20, choices=TicketStatus.choices, default=TicketStatus.NEW)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets",
        verbose_name=_("assignee"),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets",
        verbose_name=pgettext_lazy("customer service", "team"),
    )  # fmt: skip
    reason = models.ForeignKey(
        ReasonNode, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("reason"),
        editable=False, db_index=False,
    )  # fmt: skip
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), default=list, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged", verbose_name=_("merged into"),
        editable=False,
    )  # fmt: skip
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    gist = models.CharField(_("last words"), max_length=160, blank=True, editable=False)  # of the last message
    message_count = models.PositiveIntegerField(_("messages"), default=0, editable=False)
    last_message_at = models.DateTimeField(_("last message"), editable=False)
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True, editable=False)  # unanswered since
    resolved_at = models.DateTimeField(pgettext_lazy("moment", "resolved"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(pgettext_lazy("moment", "closed"), null=True, blank=True, editable=False)
    # put aside: out of the lists of who answers, while every clock runs on
    is_snoozed = models.BooleanField(_("snoozed"), default=False, db_default=False, editable=False)
    snoozed_until = models.DateTimeField(
        _("snoozed until"), null=True, blank=True, editable=False
    )  # empty: until the customer writes
    snoozed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False,
        verbose_name=_("snoozed by"), db_index=False,
    )  # fmt: skip
    woken_at = models.DateTimeField(null=True, blank=True, editable=False)  # came back, and nobody has acted since
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True, editable=False)  # of this silence
    # clocks, computed by services.terms: ``due_at`` is the earliest of those that run
    sla_policy = models.ForeignKey(
        "SlaPolicy", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("answer policy"), editable=False, db_index=False,
    )  # fmt: skip
    resolving_since = models.DateTimeField(null=True, blank=True, editable=False)  # its clock runs since
    resolving_minutes = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # that ran before
    first_reply_due_at = models.DateTimeField(_("first answer due"), null=True, blank=True, editable=False)
    next_reply_due_at = models.DateTimeField(_("next answer due"), null=True, blank=True, editable=False)
    resolve_due_at = models.DateTimeField(_("resolution due"), null=True, blank=True, editable=False)
    mall_due_at = models.DateTimeField(_("due for the mall"), null=True, blank=True, editable=False)
    legal_due_at = models.DateTimeField(_("due by law"), null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True, editable=False)
    search_text = models.TextField(editable=False, default="")  # number, subject, sender, orders, words of messages
    created_at = models.DateTimeField(pgettext_lazy("ticket", "opened"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["-last_message_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TicketStatus.values), name="service_ticket_status_valid"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="service_ticket_priority_valid"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="service_ticket_language_valid"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="service_ticket_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, status="closed") | (Q(closed_at=None) & ~Q(status="closed")),
                name="service_ticket_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(is_snoozed=True, woken_at=None) | Q(is_snoozed=False, snoozed_until=None, snoozed_by=None),
                name="service_ticket_snoozed_or_not",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-priority", "waiting_since", "id"], condition=_ANSWERABLE, name="service_ticket_to_answer"
            ),
            models.Index(
                fields=["assignee", "-priority", "waiting_since", "id"],
                condition=_ANSWERABLE,
                name="service_ticket_mine",
            ),
            models.Index(
                fields=["-last_message_at", "-id"],
                condition=Q(status="waiting_for_customer", merged_into=None),
                name="service_ticket_waiting",
            ),
            models.Index(fields=["-last_message_at", "-id"], name="service_ticket_newest"),
            models.Index(
                fields=["status", "-last_message_at", "-id"],
                condition=Q(merged_into=None),
                name="service_ticket_status",
            ),
            models.Index(
                fields=["due_at", "id"], condition=Q(due_at__isnull=False, merged_into=None), name="service_ticket_due"
            ),
            models.Index(fields=["snoozed_until", "id"], condition=Q(is_snoozed=True), name="service_ticket_snoozed"),
            models.Index(fields=["customer", "-last_message_at", "-id"], name="service_ticket_customer"),
            models.Index(fields=["sender_address", "-last_message_at", "-id"], name="service_ticket_sender"),
            models.Index(fields=["sender_phone"], condition=~Q(sender_phone=""), name="service_ticket_sender_phone"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="service_ticket_merged"),
            models.Index(
                fields=["resolved_at"], condition=Q(resolved_at__isnull=False), name="service_ticket_resolved"
            ),
            GinIndex(fields=["tags"], name="service_ticket_tags"),
            *search_indexes("service_ticket_search"),
        ]
        permissions = [
            ("work_on_ticket", gettext_noop("Can claim, answer, note and resolve tickets")),
            ("direct_ticket", gettext_noop("Can give tickets to others, merge and split them")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def own_words(self) -> str:
        """By what it is found besides its messages."""
        return f"{self.number} {self.subject} {self.sender_name} {self.sender_address} {self.sender_phone}"


def told_in(ticket: Ticket) -> Q:
    """Return the condition that a row's ``ticket`` is this one, or was merged into it.

    The keys come first, so that the index of ``ticket`` serves it: an OR over two tables would read all messages.
    """
    own = Q(pk=ticket.pk) | Q(merged_into=ticket.pk)
    return Q(ticket__in=Ticket.objects.filter(own).order_by().values("pk"))


class TicketOrder(models.Model):
    """An order, or one line of it, that a ticket is about."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="orders", verbose_name=_("ticket"))
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="tickets", verbose_name=pgettext_lazy("purchase", "order")
    )
    line = models.ForeignKey(
        OrderLine, null=True, blank=True, on_delete=models.CASCADE, related_name="tickets",
        verbose_name=_("order line"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("order of a ticket")
        verbose_name_plural = _("orders of tickets")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "order", "line"], nulls_distinct=False, name="service_ticketorder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket} · {self.order}"


class TicketProduct(models.Model):
    """A product that a ticket is about."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="products", verbose_name=_("ticket"))
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="tickets", verbose_name=_("product"))
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("product of a ticket")
        verbose_name_plural = _("products of tickets")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "product"], name="service_ticketproduct_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} · {self.product_id}"
