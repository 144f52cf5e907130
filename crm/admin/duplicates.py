"""Customers that may be one person: side by side, then decided."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import moment_text
from core.masking import mask_name
from core.ui import ActionForm, Answer, Panel, Tab, actor, columns, register_panel, service_action
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from crm.models import DuplicateProposal, DuplicateReason, ProposalState
from crm.services.merging import keep_apart, merge_customers, parts
from customers.selectors import identities_of
from orders.models import Order

SEE = "customers.see_contact_data"
MERGE = "crm.merge_customer"


def _reasons(row: DuplicateProposal) -> str:
    return ", ".join(str(DuplicateReason(reason).label) for reason in row.reasons) or "–"


def _pair(row: DuplicateProposal, *, sees: bool) -> str:
    names = (one.name if sees else mask_name(one.name) for one in (row.first, row.second))
    return " = ".join(name or "–" for name in names) + "?"


def _is_open(_user: Any, row: DuplicateProposal) -> bool:
    return row.state == ProposalState.OPEN


class SurvivorForm(ActionForm):
    """Which of the two stays."""

    survivor = forms.TypedChoiceField(label=gettext_lazy("Who stays"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sees = self.user.has_perm(SEE)
        self.fields["survivor"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.pk} · {(one.name if sees else mask_name(one.name)) or '–'}")
            for one in (self.obj.first, self.obj.second)
        ]


@admin.register(DuplicateProposal)
class DuplicateProposalAdmin(ReadOnlyAdmin):
    """What the night proposes; people decide."""

    list_display = [
        columns.computed("pair", gettext_lazy("Customers"), lambda row: _pair(row, sees=False)),
        columns.computed("reasons", gettext_lazy("Reasons"), _reasons),
        columns.number("score", gettext_lazy("Points")),
        columns.badge("state", gettext_lazy("State"), colours={"open": "amber", "merged": "green", "apart": "grey"}),
        columns.moment("created_at", pgettext_lazy("moment", "Found")),
    ]
    tabs = [
        Tab("open", pgettext_lazy("duplicate", "To decide"), Q(state="open"), empty=gettext_lazy("Nothing to decide.")),
        Tab("all", gettext_lazy("All"), count=False),
    ]
    list_select_related = ("first", "second")
    ordering = ["-score", "-id"]
    fields = ["created_at"]  # the panels above say the rest
    empty_title = gettext_lazy("No possible duplicates")
    empty_text = gettext_lazy("Every night customers are compared by e-mail, phone, and name with address.")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the pair, called by names as this person may read them."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.shown_as = _pair(row, sees=request.user.has_perm(SEE))
        return row

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Name both in full for people who may see contact data."""
        if not request.user.has_perm(SEE):
            return self.list_display
        named = columns.computed("pair", gettext_lazy("Customers"), lambda row: _pair(row, sees=True))
        return [named, *self.list_display[1:]]

    def facts(self, request: HttpRequest, obj: DuplicateProposal) -> Sequence[tuple[Any, Any]]:
        """Return why they may be one, and what was decided."""
        facts: list[tuple[Any, Any]] = [(_("Reasons"), _reasons(obj)), (_("Points"), obj.score)]
        if obj.decided_at:
            facts.append((_("Decided"), f"{moment_text(obj.decided_at)} · {obj.decided_by or '–'}"))
        return facts

    @service_action(
        pgettext_lazy("customers", "Merge"), permission=MERGE, form=SurvivorForm, icon="merge", variant="primary",
        available=_is_open, initial=lambda _user, row: {"survivor": row.first_id},
        question=gettext_lazy(
            "Orders, tickets, returns and identities become those of the one who stays. It can be undone."
        ),
    )  # fmt: skip
    def merge(self, request: HttpRequest, obj: DuplicateProposal, data: dict[str, Any]) -> Answer:
        """Make one of two."""
        other = obj.second_id if data["survivor"] == obj.first_id else obj.first_id
        merge_customers(survivor_id=data["survivor"], absorbed_id=other, actor=actor(request))
        return Answer(_("The two are one customer now."))

    @service_action(
        gettext_lazy("This is another person"), permission=MERGE, icon="call_split", available=_is_open,
        question=gettext_lazy("The two are never proposed or merged again."),
    )  # fmt: skip
    def apart(self, request: HttpRequest, obj: DuplicateProposal, data: dict[str, Any]) -> Answer:
        """Keep them apart for good."""
        keep_apart(first_id=obj.first_id, second_id=obj.second_id, actor=actor(request))
        return Answer(_("These two are kept apart from now on."))


def compared(request: HttpRequest, row: DuplicateProposal) -> dict[str, Any]:
    """Give both customers side by side with what a merge would move; masked for who may not see contact data."""
    sees = request.user.has_perm(SEE)
    sides = []
    for one in (row.first, row.second):
        latest = Order.objects.filter(customer=one).order_by("-placed_at")
        sides.append({
            "customer": one,
            "name": (one.name if sees else mask_name(one.name)) or "–",
            "identities": identities_of(customer_id=one.pk, masked=not sees),
            "holds": [(part.model._meta.verbose_name_plural, part.of(one.pk).count()) for part in parts()],
            "latest": latest.only("placed_at", "number").first(),
        })  # fmt: skip
    return {"sides": sides}


register_panel(
    DuplicateProposal,
    Panel(
        "compared", gettext_lazy("Side by side"), "crm/panels/compared.html", compared, "customers.view_customer",
        wide=True, above=True,
    ),
)  # fmt: skip
register_badge(
    NavigationBadge("duplicates", lambda: DuplicateProposal.objects.filter(state=ProposalState.OPEN), "info")
)
