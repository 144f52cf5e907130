"""A chat that pages of the own site embed, and the conversations of their visitors."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from service.models import Inlet, Ticket
from staff.models import Language, WorkCalendar


class Widget(models.Model):
    """One chat: which sites may embed it, when somebody is there, and what is asked when nobody is."""

    inlet = models.OneToOneField(
        Inlet, on_delete=models.PROTECT, related_name="chat_widget", verbose_name=_("inlet"),
        help_text=_("Its code stands in the script tag."),
    )  # fmt: skip
    origins = ArrayField(
        models.CharField(max_length=200), verbose_name=_("sites that may embed it"), default=list, blank=True,
        help_text=_("Separated by commas, such as https://shop.example. Every other site is refused."),
    )  # fmt: skip
    calendar = models.ForeignKey(
        WorkCalendar, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("hours"), help_text=_("Empty: the shop’s own."),
    )  # fmt: skip
    form_inlet = models.ForeignKey(
        Inlet, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("inlet of messages left while nobody is there"),
        help_text=_("A web form: answers go by e-mail. Empty: the chat takes messages at any hour."),
    )  # fmt: skip
    greeting = models.CharField(_("greeting"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("live chat")
        verbose_name_plural = _("live chats")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.inlet)


class Conversation(models.Model):
    """What one browser of a visitor holds the signed key of; no name and no word of it stands here.

    Its messages are those of its inlet with the ids ``<key>.1`` up to ``<key>.<said_count>``, wherever their tickets
    were merged or split to, and the answers to them.
    """

    key = models.CharField(max_length=32, unique=True, editable=False)
    widget = models.ForeignKey(
        Widget, on_delete=models.PROTECT, related_name="conversations", verbose_name=_("live chat")
    )
    ticket = models.ForeignKey(  # which its first message opened
        Ticket, on_delete=models.PROTECT, related_name="chats", verbose_name=_("ticket")
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    said_count = models.PositiveSmallIntegerField(_("messages"), default=1)
    seen_at = models.DateTimeField(_("last seen"), db_default=Now())
    created_at = models.DateTimeField(_("begun"), db_default=Now())

    class Meta:
        verbose_name = _("chat of a visitor")
        verbose_name_plural = _("chats of visitors")
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(language__in=Language.values), name="chat_conversation_language_valid"),
            models.CheckConstraint(condition=Q(said_count__gte=1), name="chat_conversation_says_something"),
            models.CheckConstraint(condition=Q(key__regex="^[0-9a-f]{32}$"), name="chat_conversation_key_unguessable"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
