"""The form of the request page: the questions of one kind, what the template proposes, files."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.money import Currency
from staff.admin.editing import read_price
from staff.admin.forms import DayInput, MomentInput
from staff.models import CreativeSlot, Priority, Role, TaskGroup, TaskKind, TaskTemplate, User
from staff.selectors import users_with_permission
from staff.selectors.briefs import BRIEF_FIELDS
from staff.services import Request
from staff.services.requests.attaching import MAX_BYTES
from staff.services.requests.requesting import planned_deadline, usual_role

SHOWN_KINDS = {TaskKind.BANNER}  # pictures that tell a price and a period
RIGHTS_KINDS = {TaskKind.BANNER, TaskKind.PHOTO, TaskKind.COPY, TaskKind.INFLUENCER_FOLLOW_UP}
PICTURE_KINDS = {TaskKind.BANNER, TaskKind.PHOTO, TaskKind.PRODUCT_REGISTRATION, TaskKind.GENERAL}
LINES = 30


class ManyFiles(forms.ClearableFileInput):
    """A chooser for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, none too large."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files; name the one that is too large or empty."""
        files = data if isinstance(data, list | tuple) else [data] if data else []
        for file in files:
            if not 0 < file.size <= MAX_BYTES:
                raise forms.ValidationError(_("“%(name)s” is empty or larger than 60 MB.") % {"name": file.name})
        return list(files)


class RequestForm(forms.Form):
    """One request; ``is_draft`` lets required questions stay open."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    go_live_on = forms.DateField(
        label=gettext_lazy("Goes live on"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("The deadline is planned back from it."),
    )
    due_at = forms.DateTimeField(
        label=gettext_lazy("Another deadline"),
        required=False,
        widget=MomentInput,
        help_text=gettext_lazy("Only if it differs from the planned one."),
    )
    priority = forms.TypedChoiceField(
        label=pgettext_lazy("task", "Priority"), choices=Priority.choices, coerce=int, widget=forms.RadioSelect
    )
    role = forms.ChoiceField(label=gettext_lazy("For whom"), choices=Role.choices)
    estimate_minutes = forms.IntegerField(
        label=gettext_lazy("Estimate (minutes)"), min_value=1, max_value=60_000, required=False
    )
    checklist = forms.CharField(
        label=gettext_lazy("Further lines of the check list"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One line each."),
    )
    watcher_ids = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Watchers"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    attachments = FilesField(label=pgettext_lazy("task", "Files"), required=False)

    def __init__(
        self, *args: Any, kind: TaskKind, template: TaskTemplate | None, user: User, is_draft: bool = False, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.kind, self.template, self.user, self.is_draft = kind, template, user, is_draft
        self.questions = BRIEF_FIELDS[kind]
        self.fields.update(_brief_fields(kind))
        if kind in PICTURE_KINDS:
            self._add_slots()
        if kind in SHOWN_KINDS:
            self.fields.update(_shown_fields())
        if kind in RIGHTS_KINDS:
            self.fields.update(_rights_fields())
        people = users_with_permission("staff.view_task").exclude(pk=user.pk).order_by("first_name", "username")
        self.fields["watcher_ids"].choices = [(person.pk, str(person)) for person in people]  # type: ignore[attr-defined]
        self._propose()

    def _add_slots(self) -> None:
        chosen = list(self.template.slots.values_list("pk", flat=True)) if self.template else []
        slots = CreativeSlot.objects.filter(is_active=True) | CreativeSlot.objects.filter(pk__in=chosen)
        self.slots = list(slots.order_by("platform", "code"))
        self.fields["slot_ids"] = forms.TypedMultipleChoiceField(
            label=_("Creative slots"),
            coerce=int,
            required=False,
            initial=chosen,
            choices=[(slot.pk, str(slot)) for slot in self.slots],
        )

    def _propose(self) -> None:
        template = self.template
        self.fields["priority"].initial = template.priority if template else Priority.NORMAL
        self.fields["role"].initial = template.role if template else usual_role(self.kind)
        self.fields["estimate_minutes"].initial = template.estimate_minutes if template else 60

    # --- for the page

    def brief_fields(self) -> list[forms.BoundField]:
        """Return the questions of the kind, in order."""
        return [self[f"brief_{question.key}"] for question in self.questions]

    def slot_groups(self) -> list[tuple[str, list[tuple[CreativeSlot, bool]]]]:
        """Return (platform, [(slot, is chosen)]) for the boxes; platforms with a chosen slot first, then our own."""
        if "slot_ids" not in self.fields:
            return []
        value = self["slot_ids"].value() or []
        chosen = {str(pk) for pk in value}
        groups = [
            (platform, [(slot, str(slot.pk) in chosen) for slot in slots])
            for platform, slots in groupby(self.slots, key=lambda slot: slot.platform_name)
        ]
        return sorted(groups, key=_rank)

    def part(self, names: Sequence[str]) -> list[forms.BoundField]:
        """Return those of the named fields that this kind has."""
        return [self[name] for name in names if name in self.fields]

    def shown_fields(self) -> list[forms.BoundField]:
        """Return what customers are told, and the rights."""
        return self.part(["shown_price", "shown_currency", "shown_from", "shown_until", "usage_rights", "rights_until"])

    # --- what was written

    def clean(self) -> dict[str, Any]:
        """Ask for required answers beside their questions, unless it is a draft; check dates and price."""
        data = super().clean() or {}
        if not self.is_draft:
            self._ask_for_answers(data)
        if "shown_price" in self.fields:
            data["shown_price"], data["shown_currency"] = read_price(self, data)
        start, end = data.get("shown_from"), data.get("shown_until")
        if start and end and end < start:
            self.add_error("shown_until", _("The period shown ends before it starts."))
        self._check_deadline(data)
        return data

    def _ask_for_answers(self, data: dict[str, Any]) -> None:
        for question in self.questions:
            if question.is_required and not data.get(f"brief_{question.key}"):
                self.add_error(f"brief_{question.key}", _("Please answer this: without it nobody can start."))

    def _check_deadline(self, data: dict[str, Any]) -> None:
        due, now = data.get("due_at"), timezone.now()
        if due:
            if due < now:
                self.add_error("due_at", _("The deadline lies in the past. Choose a later one."))
            return
        planned = planned_deadline(data.get("go_live_on"), self.template)
        if planned and planned < now:
            sentence = _("There are too few working days left before going live. Choose a later date.")
            self.add_error("go_live_on", sentence)

    def clean_checklist(self) -> list[str]:
        """Return the lines."""
        lines = [line.strip() for line in self.cleaned_data["checklist"].splitlines() if line.strip()]
        if len(lines) > LINES or any(len(line) > 200 for line in lines):
            raise forms.ValidationError(
                _("Write at most %(count)s lines of at most 200 characters.") % {"count": LINES}
            )
        return lines

    def request(self, subject: Any) -> Request:
        """Return what is asked, as the service takes it; a task asked for on a group's page belongs to the group."""
        data = self.cleaned_data
        is_group = isinstance(subject, TaskGroup)
        same = ("title", "go_live_on", "due_at", "priority", "checklist", "watcher_ids", "slot_ids")
        told = ("shown_price", "shown_currency", "shown_from", "shown_until", "usage_rights", "rights_until")
        return Request(
            kind=self.kind,
            template_id=self.template.pk if self.template else None,
            brief={question.key: data.get(f"brief_{question.key}", "") for question in self.questions},
            role=data["role"],
            estimate_minutes=data.get("estimate_minutes") or None,
            subject=None if is_group else subject,
            group_id=subject.pk if is_group else None,
            **{name: data[name] for name in same if name in data},
            **{name: data[name] for name in told if name in data},
        )


def planned_words(go_live_on: date | None, template: TaskTemplate | None) -> tuple[Any, bool]:
    """Return (the planned deadline, whether it lies in the past)."""
    planned = planned_deadline(go_live_on, template)
    return planned, bool(planned and planned < timezone.now())


def _brief_fields(kind: TaskKind) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for question in BRIEF_FIELDS[kind]:
        widget = forms.Textarea(attrs={"rows": 3}) if question.is_long else forms.TextInput()
        field = forms.CharField(
            label=question.label, help_text=question.help, max_length=4000, required=False, widget=widget
        )
        field.is_asked = question.is_required  # type: ignore[attr-defined]  # the page marks it; clean() insists
        found[f"brief_{question.key}"] = field
    return found


def _shown_fields() -> dict[str, forms.Field]:
    currencies = [("", "–"), *Currency.choices]
    return {
        "shown_price": forms.CharField(label=_("Price shown"), max_length=30, required=False),
        "shown_currency": forms.ChoiceField(label=_("Currency"), choices=currencies, required=False),
        "shown_from": forms.DateField(label=_("Shown from"), required=False, widget=DayInput),
        "shown_until": forms.DateField(label=_("Shown until"), required=False, widget=DayInput),
    }


def _rights_fields() -> dict[str, forms.Field]:
    return {
        "usage_rights": forms.CharField(
            label=_("Usage rights"), max_length=200, required=False, help_text=_("Photos, models, fonts: for what?")
        ),
        "rights_until": forms.DateField(label=_("Rights until"), required=False, widget=DayInput),
    }


def _rank(group: tuple[str, list[tuple[CreativeSlot, bool]]]) -> tuple[bool, bool]:
    """Return the place of a platform: chosen ones, our own shop, the others as they stand."""
    slots = group[1]
    return not any(is_chosen for _slot, is_chosen in slots), slots[0][0].platform_code != "own"
