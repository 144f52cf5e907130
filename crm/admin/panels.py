"""How a customer buys and what they may want next: on the customer's page and beside a ticket."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import number_text
from core.money import format_money
from core.ui import (
    ActionForm,
    Answer,
    NextAction,
    Panel,
    actor,
    link_action,
    register_action,
    register_next_actions,
    register_panel,
    service_action,
)
from core.ui.added_columns import AddedColumns, register_columns
from core.ui.timeline import timeline_icon
from crm.admin.status import group_badge
from crm.selectors.families import merge_of, merges_of
from crm.selectors.patterns import pattern_of, patterns_of
from crm.selectors.recommending import buying_of, recommended
from crm.selectors.tagging import tags_of
from crm.services.merging import keep_apart, merge_customers, undo_merge
from crm.services.noting import tag_customer, write_customer_note
from customers.models import Customer
from orders.models import Order
from service.models import Ticket


def buying(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Give the scores, the key figures and what is expected; None before the first night and for who never bought."""
    bought = buying_of(customer.pk)
    if bought is None:
        return None
    found, categories = bought
    return {
        "pattern": found,
        "badge": group_badge(found.group),
        "spent": format_money(found.spent, found.currency),
        "year_value": format_money(found.year_value, found.currency),
        "categories": categories,
        "may_see_money": request.user.has_perm("orders.view_payment"),
        "patterns_url": reverse("admin:crm_patterns") if request.user.has_perm("crm.view_pattern") else "",
        "quiet_days": (timezone.localdate() - found.last_on).days,
    }


def recommendations(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Give what is due again and what goes with what they have, each with its reason; None when nothing speaks."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    due, together = recommended(customer.pk, today=today)
    return {"refills": due, "companions": together} if due or together else None


def ticket_recommendations(request: HttpRequest, ticket: Ticket) -> dict[str, Any] | None:
    """Give the same beside a ticket, where its customer is known."""
    return recommendations(request, ticket.customer) if ticket.customer else None


def ticket_buyer(request: HttpRequest, ticket: Ticket) -> dict[str, Any] | None:
    """Give how the customer of a ticket buys and by what they are tagged, with the way to the whole story."""
    customer = ticket.customer
    if customer is None:
        return None
    found = pattern_of(customer.pk) if request.user.has_perm("crm.view_pattern") else None
    money = request.user.has_perm("orders.view_payment")
    return {
        "story_url": reverse("admin:crm_story", args=[customer.pk]),
        "tags": tags_of([customer.pk]),
        "pattern": found,
        "badge": group_badge(found.group) if found else "",
        "spent": format_money(found.spent, found.currency) if found and money else "",
    }


def merged_customers(_request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Give who was taken into this customer; None for nobody."""
    rows = merges_of(customer).taken
    return {"rows": rows} if rows else None


def next_for_customer(_request: HttpRequest, customer: Customer) -> list[NextAction]:
    """Lead from a customer that was taken into another one to that one."""
    merge = merges_of(customer).into
    if merge is None:
        return []
    url = reverse("admin:customers_customer_change", args=[merge.survivor_id])
    return [NextAction(_("Merged into customer %(number)s.") % {"number": merge.survivor_id}, url, "warning")]


class NoteForm(ActionForm):
    """What colleagues should know."""

    body = forms.CharField(
        label=pgettext_lazy("customer", "Note"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )


class TagsForm(ActionForm):
    """All tags of the customer."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"), max_length=800, required=False, help_text=gettext_lazy("Separated by commas.")
    )


class OtherForm(ActionForm):
    """Which other customer is meant."""

    other = forms.IntegerField(
        label=gettext_lazy("Number of the other customer"),
        min_value=1,
        max_value=2**63 - 1,
        help_text=gettext_lazy("It stands in the address of that customer’s page."),
    )


def _note(self: Any, request: HttpRequest, obj: Customer, data: dict[str, Any]) -> str:
    write_customer_note(customer_id=obj.pk, body=data["body"], actor=actor(request))
    return _("The note is written.")


def _tag(self: Any, request: HttpRequest, obj: Customer, data: dict[str, Any]) -> str:
    tag_customer(customer_id=obj.pk, names=data["tags"].split(","), actor=actor(request))
    return _("The tags are changed.")


def _merge(self: Any, request: HttpRequest, obj: Customer, data: dict[str, Any]) -> Answer:
    merge_customers(survivor_id=obj.pk, absorbed_id=data["other"], actor=actor(request))
    return Answer(_("Customer %(number)s is merged into this one.") % {"number": data["other"]})


def _undo(self: Any, request: HttpRequest, obj: Customer, data: dict[str, Any]) -> Answer:
    merge = merge_of(obj.pk)
    if merge is not None:
        undo_merge(merge_id=merge.pk, actor=actor(request))
    return Answer(_("This customer stands for itself again."))


def _apart(self: Any, request: HttpRequest, obj: Customer, data: dict[str, Any]) -> str:
    keep_apart(first_id=obj.pk, second_id=data["other"], actor=actor(request))
    return _("These two are kept apart from now on.")


register_action(
    Customer,
    link_action(
        "open_story",
        gettext_lazy("Whole story"),
        permission="customers.view_customer",
        link=lambda customer: reverse("admin:crm_story", args=[customer.pk]),
        icon="history",
        variant="primary",
    ),
)
for _name, _function, _label, _permission, _options in (
    ("note_customer", _note, pgettext_lazy("customer", "Write a note"), "crm.note_customer",
     {"form": NoteForm, "icon": "sticky_note_2"}),
    ("tag_customer", _tag, gettext_lazy("Change tags"), "crm.note_customer",
     {"form": TagsForm, "icon": "label",
      "initial": lambda _user, obj: {"tags": ", ".join(tags_of([obj.pk]))}}),
    ("merge_customer", _merge, gettext_lazy("Merge another customer into this one"), "crm.merge_customer",
     {"form": OtherForm, "icon": "merge", "is_rare": True,
      "question": gettext_lazy("Orders, tickets, returns and identities of the other customer become this one’s. "
                               "It can be undone.")}),
    ("unmerge_customer", _undo, gettext_lazy("Undo the merge"), "crm.merge_customer",
     {"icon": "undo", "available": lambda _user, obj: merges_of(obj).into is not None}),
    ("keep_apart", _apart, gettext_lazy("Another person than ..."), "crm.merge_customer",
     {"form": OtherForm, "icon": "call_split", "is_rare": True,
      "question": gettext_lazy("The two are never proposed or merged again.")}),
):  # fmt: skip
    _function.__name__ = _name
    register_action(Customer, service_action(_label, permission=_permission, **_options)(_function))

register_columns(
    Customer,
    AddedColumns(
        "pattern",
        "crm.view_pattern",
        patterns_of,
        (
            ("buyer_group", pgettext_lazy("buyers", "Group"), lambda found: group_badge(found.group), "fit"),
            ("purchases", gettext_lazy("Purchases"), lambda found: number_text(found.day_count), "num"),
            ("last_purchase", gettext_lazy("Last purchase"), lambda found: found.last_on.isoformat(), "fit"),
        ),
    ),
)
register_panel(
    Customer,
    Panel("buying", gettext_lazy("How they buy"), "crm/panels/buying.html", buying, "crm.view_pattern", position=20),
)
register_panel(
    Customer,
    Panel(
        "recommended", gettext_lazy("May want next"), "crm/panels/recommended.html", recommendations,
        "crm.view_pattern", position=25, is_later=True,
    ),
)  # fmt: skip
register_panel(
    Customer,
    Panel(
        "merged", gettext_lazy("Merged into this customer"), "crm/panels/merged.html", merged_customers,
        "crm.view_duplicateproposal", position=30,
    ),
)  # fmt: skip
register_action(
    Order,
    link_action(
        "open_story",
        gettext_lazy("Whole story of the customer"),
        permission="customers.view_customer",
        link=lambda order: reverse("admin:crm_story", args=[order.customer_id]),
        available=lambda _user, order: order.customer_id is not None,
        icon="history",
    ),
)
register_panel(
    Ticket,
    Panel(
        "buyer", gettext_lazy("How they buy"), "crm/panels/beside.html", ticket_buyer, "customers.view_customer",
        position=70,
    ),
)  # fmt: skip
register_panel(
    Ticket,
    Panel(
        "recommended", gettext_lazy("May want next"), "crm/panels/recommended.html", ticket_recommendations,
        "crm.view_pattern", position=80,
    ),
)  # fmt: skip
register_next_actions(Customer, next_for_customer)
for _event, _icon in (
    ("customers_merged", "merge"),
    ("customers_unmerged", "undo"),
    ("customers_kept_apart", "call_split"),
    ("customer_tagged", "label"),
):
    timeline_icon(f"crm.{_event}", _icon)
