"""Leave: one's own, and everybody's for who directs the work."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, moment_text
from core.ui import ActionForm, Answer, ModelAdmin, Tab, actor, columns, service_action
from staff.admin.forms import DayInput
from staff.admin.people import PersonField
from staff.models import Leave, LeaveKind, User
from staff.policies import may_enter_leave_of
from staff.services.people.leaving import add_leave, move_leave, remove_leave

COLOURS: dict[str, str] = {LeaveKind.VACATION: "violet", LeaveKind.SICK: "amber", LeaveKind.OTHER: "grey"}


class LeaveForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who is away from when until when; the service says what is wrong with the days."""

    user = PersonField(label=gettext_lazy("Person"))

    class Meta:
        model = Leave
        fields: ClassVar[list[str]] = ["user", "starts_on", "ends_on", "kind"]

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the table's constraints to the service, whose sentence names the days."""
        return {*super()._get_validation_exclusions(), "user", "starts_on", "ends_on"}  # type: ignore[misc]


class DaysForm(ActionForm):
    """The new days."""

    starts_on = forms.DateField(label=pgettext_lazy("leave", "From"), widget=DayInput)
    ends_on = forms.DateField(label=pgettext_lazy("leave", "Until"), widget=DayInput)


def _days(leave: Leave) -> str:
    return f"{moment_text(leave.starts_on)} – {moment_text(leave.ends_on)}"


def _may_enter(user: User, leave: Leave) -> bool:
    return may_enter_leave_of(user, leave.user_id)


def _now(rows: Any, request: HttpRequest) -> Any:
    today = timezone.localdate()
    return rows.filter(starts_on__lte=today, ends_on__gte=today)


def _coming(rows: Any, request: HttpRequest) -> Any:
    return rows.filter(starts_on__gt=timezone.localdate())


@admin.register(Leave)
class LeaveAdmin(ModelAdmin):
    """Who is away when; entered here, changed and taken back by buttons."""

    form = LeaveForm
    list_display = [
        columns.computed("person", gettext_lazy("Person"), lambda row: row.user, order="user", related=("user",)),
        columns.computed("days", pgettext_lazy("leave", "Days"), _days, order="starts_on"),
        columns.badge("kind", pgettext_lazy("leave", "Kind"), colours=COLOURS),
    ]
    ordering = ["starts_on", "id"]
    tabs = [
        Tab("coming", pgettext_lazy("leave", "Coming"), _coming, empty=gettext_lazy("No leave is entered.")),
        Tab("now", gettext_lazy("Away now"), _now, empty=gettext_lazy("Everybody is here.")),
        Tab("all", pgettext_lazy("leave", "All"), count=False),
    ]
    list_filter = ["kind", "user"]
    fields = ["user", ("starts_on", "ends_on"), "kind"]
    show_timeline = False
    empty_title = gettext_lazy("No leave here")
    empty_text = gettext_lazy("Enter when you are away: tasks are then planned around it.")

    def scope(self, request: HttpRequest, queryset: QuerySet[Leave]) -> QuerySet[Leave]:
        """Show everybody's to who may change it, else one's own."""
        if request.user.has_perm("staff.change_leave"):
            return queryset
        return queryset.filter(user=actor(request))

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Filter by person where there are several."""
        return self.list_filter if request.user.has_perm("staff.change_leave") else ["kind"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Ask for the person where one may choose."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if not request.user.has_perm("staff.change_leave"):
            form.base_fields.pop("user", None)
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the person where one may choose."""
        return self.fields if obj is not None or request.user.has_perm("staff.change_leave") else self.fields[1:]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose oneself."""
        return {"user": request.user.pk, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Days change by a button, so that they are compared with other leave."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Enter it by the service; somebody who may not choose enters one's own."""
        person = obj.user_id if request.user.has_perm("staff.change_leave") else actor(request).pk
        entered = add_leave(
            user_id=person, starts_on=obj.starts_on, ends_on=obj.ends_on, kind=obj.kind, actor=actor(request)
        )
        obj.pk, obj.user_id = entered.pk, entered.user_id

    def facts(self, request: HttpRequest, obj: Any) -> Any:
        """Return who is away when."""
        return [
            (_("Person"), obj.user),
            (pgettext_lazy("leave", "Days"), _days(obj)),
            (_("Kind"), badge_html(obj.get_kind_display(), COLOURS[obj.kind])),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show no form below what stands above already."""
        return [] if obj is not None else super().get_fieldsets(request, obj)

    @service_action(
        gettext_lazy("Change days"),
        permission="staff.add_leave",
        form=DaysForm,
        icon="edit_calendar",
        variant="primary",
        submit=gettext_lazy("Save"),
        available=_may_enter,
        initial=lambda request, obj: {"starts_on": obj.starts_on, "ends_on": obj.ends_on},
    )
    def move(self, request: HttpRequest, obj: Leave, data: dict[str, Any]) -> str:
        """Set other days."""
        leave = move_leave(leave_id=obj.pk, actor=actor(request), **data)
        return _("%(who)s is away: %(days)s.") % {"who": leave.user, "days": _days(leave)}

    @service_action(
        gettext_lazy("Take leave back"),
        permission="staff.add_leave",
        icon="event_busy",
        variant="danger",
        question=gettext_lazy("Is this person there on these days after all?"),
        available=_may_enter,
    )
    def take_back(self, request: HttpRequest, obj: Leave, data: dict[str, Any]) -> Answer:
        """Remove it."""
        remove_leave(leave_id=obj.pk, actor=actor(request))
        return Answer(_("The leave is taken back."), reverse("admin:staff_leave_changelist"))
