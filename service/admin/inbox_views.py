"""A view of the inbox is made: conditions to choose, a name, for oneself or for everybody."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from catalog.models import SalesChannel
from core.errors import DomainError
from core.saving import LONGEST_NAME, save_view
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from service.models import Inlet, Team, Ticket
from service.selectors.reasons import find_reason, reason_choices
from service.selectors.saved import CLOCKS, LIST, PREFIX
from staff.models import Language, Priority
from staff.selectors import users_with_permission

SHARE = "core.share_savedview"
NOBODY = "nobody"
_ANY = [("", gettext_lazy("Any"))]


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[*_ANY, *choices], required=False)


def _rows(label: Any, rows: Any) -> Any:
    return forms.ModelChoiceField(label=label, queryset=rows, required=False, empty_label=gettext_lazy("Any"))


class InboxViewForm(forms.Form):
    """Which tickets a view shows; all conditions together."""

    name = forms.CharField(label=pgettext_lazy("saved view", "name"), max_length=LONGEST_NAME)
    tab = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=[
            ("open", pgettext_lazy("tickets", "To answer")),
            ("waiting", pgettext_lazy("tickets", "Waiting for customer")),
            ("snoozed", pgettext_lazy("tickets", "Snoozed")),
            ("all", pgettext_lazy("tickets", "All")),
        ],
    )
    clock = _choice(gettext_lazy("Clock"), [(key, label) for key, (label, _condition) in CLOCKS.items()])
    inlet = _rows(gettext_lazy("Inlet"), Inlet.objects.filter(is_active=True))
    sales_channel = _rows(gettext_lazy("Sales channel"), SalesChannel.objects.all())
    language = _choice(gettext_lazy("Language"), Language.choices)
    priority = _choice(gettext_lazy("Priority"), Priority.choices)
    assignee = forms.ChoiceField(label=gettext_lazy("Assignee"), required=False)
    team = _rows(pgettext_lazy("customer service", "Team"), Team.objects.all())
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=40, required=False)
    is_shared = forms.BooleanField(label=gettext_lazy("for everybody"), required=False)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(one.pk), str(one)) for one in users_with_permission("service.work_on_ticket").order_by("pk")]
        fields: dict[str, Any] = self.fields
        fields["assignee"].choices = [*_ANY, (NOBODY, pgettext_lazy("tickets", "Nobody’s")), *people]
        fields["reason"].choices = [*_ANY, *((row.label, row.label) for row in reason_choices())]
        if not may_share:
            del self.fields["is_shared"]

    def query(self) -> str:
        """Return the conditions as the list of tickets takes them."""
        data = self.cleaned_data
        pairs = {name: data[name] for name in ("tab", "clock", "tag")}
        pairs |= {f"{name}__exact": data[name] for name in ("language", "priority")}
        pairs |= {f"{name}__id__exact": row.pk for name in ("inlet", "sales_channel", "team") if (row := data[name])}
        if data["reason"]:
            pairs["reason__id__exact"] = find_reason(data["reason"])
        if data["assignee"] == NOBODY:
            pairs["assignee__isnull"] = "True"
        elif data["assignee"]:
            pairs["assignee__id__exact"] = data["assignee"]
        return urlencode(sorted((name, value) for name, value in pairs.items() if value))


@register_page("inbox/views/", name="service_inbox_views", permission="service.view_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def new_view_page(request: HttpRequest) -> HttpResponseBase:
    """Ask what the view shows and what it is called; it stands in the inbox and on the list of tickets then."""
    user, may_share = actor(request), request.user.has_perm(SHARE)
    form = InboxViewForm(request.POST if request.method == "POST" else None, may_share=may_share)
    if form.is_valid():
        try:
            view = save_view(
                model=LIST, name=form.cleaned_data["name"], query=form.query(), owner_id=user.pk, may_share=may_share,
                is_shared=form.cleaned_data.get("is_shared", False),
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The view is saved."))
            return HttpResponseRedirect(f"{reverse('admin:service_inbox')}?view={PREFIX}{view.pk}")
    kept = f"{reverse('admin:core_saved_views')}?{urlencode({'list': Ticket._meta.label_lower})}"
    return render_page(request, "service/pages/inbox_view.html", title=_("New view"), form=form, kept=kept)
