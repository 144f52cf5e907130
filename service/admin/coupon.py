"""Coupons that answers give: what is left, who got one, codes that come in and go back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from core.display import badge_html
from core.money import format_money
from core.ui import ActionForm, Answer, ModelAdmin, Panel, Tab, actor, columns, register_panel, service_action
from core.ui.amounts import amount_input, amount_text, read_amount
from service import services
from service.admin.status import inbox_url
from service.models import Coupon
from service.selectors.coupons import codes_given

KEEP = "service.change_coupon"
_FEW = 10


def left_of(row: Any) -> Any:
    """Return how many codes are left, in orange when they are few; that it has ended after its last day."""
    if row.valid_until < timezone.localdate():
        return badge_html(pgettext("coupon", "ended"), "gray")
    return badge_html(str(row.free_count), "orange") if row.free_count < _FEW else row.free_count


class CouponForm(forms.ModelForm):  # type: ignore[type-arg]
    """What it is worth, as people write amounts."""

    amount = forms.CharField(label=gettext_lazy("Worth"), max_length=20, widget=amount_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.amount is not None and self.instance.currency:
            self.initial["amount"] = amount_text(self.instance.amount, self.instance.currency)

    def clean(self) -> dict[str, Any]:
        """Refuse what is no amount."""
        data = super().clean() or {}
        if "amount" in data and data.get("currency"):
            try:
                data["amount"] = read_amount(data["amount"], data["currency"])
            except forms.ValidationError as error:
                self.add_error("amount", error)
            else:
                if data["amount"] == 0:
                    self.add_error("amount", _("Write an amount above 0."))
        return data


class CodesForm(ActionForm):
    """Codes as the shop gave them out."""

    codes = forms.CharField(
        label=pgettext_lazy("coupon", "Codes"), max_length=700_000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("One in each line, as the shop or the mall made them."),
    )  # fmt: skip


class CodeForm(ActionForm):
    """One code."""

    code = forms.CharField(
        label=pgettext_lazy("coupon", "Code"), max_length=60,
        help_text=gettext_lazy("One that stands in no answer that was sent."),
    )  # fmt: skip


@admin.register(Coupon)
class CouponAdmin(ModelAdmin):
    """Coupons whose codes macros give."""

    form = CouponForm
    few_rows = True
    list_display = [
        columns.text("name", pgettext_lazy("customer service", "Coupon"), order=True),
        columns.money("amount", gettext_lazy("Worth")),
        columns.computed("left", pgettext_lazy("coupon", "Left"), left_of),
        columns.computed("given", pgettext_lazy("coupon", "Given"), lambda row: row.given_count),
        columns.text("valid_until", pgettext_lazy("coupon", "Valid until"), order=True),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    tabs = [
        Tab("active", pgettext_lazy("coupon", "Active"), Q(is_active=True)),
        Tab("all", pgettext_lazy("coupon", "All"), count=False),
    ]
    ordering = ["name", "id"]
    search_fields = ["name"]
    fields = ["name", "amount", "currency", "valid_until", "sales_channel", "is_active"]
    empty_title = gettext_lazy("No coupons yet")
    empty_text = gettext_lazy("Make codes in the shop or the mall, keep them here, and let a macro give them.")

    def for_display(self, request: HttpRequest, queryset: "QuerySet[Coupon]") -> "QuerySet[Coupon]":
        """Count the codes of a page at once."""
        return counted(queryset)

    def facts(self, request: HttpRequest, obj: Coupon) -> Sequence[tuple[Any, Any]]:
        """Return what it is worth, what is left and what the given ones are worth together."""
        row = counted(Coupon.objects.filter(pk=obj.pk)).get()
        return [
            (_("Worth"), format_money(row.amount, row.currency)),
            (pgettext_lazy("coupon", "Left"), left_of(row)),
            (pgettext_lazy("coupon", "Given"), row.given_count),
            (pgettext_lazy("coupon", "Given in all"), format_money(row.amount * row.given_count, row.currency)),
        ]

    @service_action(
        gettext_lazy("Add codes"),
        permission=KEEP,
        form=CodesForm,
        icon="add",
        variant="primary",
        submit=gettext_lazy("Add"),
    )
    def add_codes(self, request: HttpRequest, obj: Coupon, data: dict[str, Any]) -> Answer:
        """Keep new codes; known ones stay."""
        added = services.add_coupon_codes(coupon_id=obj.pk, codes=data["codes"].splitlines(), actor=actor(request))
        return Answer(ngettext("%(count)s new code.", "%(count)s new codes.", added) % {"count": added})

    @service_action(
        gettext_lazy("Take a code back"),
        permission=KEEP,
        form=CodeForm,
        icon="undo",
        submit=gettext_lazy("Take back"),
    )
    def take_back(self, request: HttpRequest, obj: Coupon, data: dict[str, Any]) -> Answer:
        """Make a code free that no customer was told."""
        services.take_coupon_back(coupon_id=obj.pk, code=data["code"], actor=actor(request))
        return Answer(_("The code is free again."))


def counted(rows: "QuerySet[Coupon]") -> "QuerySet[Any]":
    """Add how many codes are left and how many are given."""
    given = Q(codes__ticket__isnull=False)
    return rows.annotate(given_count=Count("codes", given), free_count=Count("codes", Q(codes__ticket=None)))


def given_values(_request: HttpRequest, coupon: Coupon) -> dict[str, Any] | None:
    """Give the codes given last: who got them is in the ticket."""
    rows = codes_given(coupon)
    return {"rows": [(row, inbox_url(row.ticket_id)) for row in rows if row.ticket_id]} if rows else None


register_panel(
    Coupon,
    Panel(
        "given", pgettext_lazy("coupon", "Given last"), "service/panels/coupons.html", given_values,
        "service.view_coupon", position=60,
    ),
)  # fmt: skip
