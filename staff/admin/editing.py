"""The form of a task's page: what is asked, column by column, with the questions of its kind."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core.errors import InvalidInput
from core.money import Currency, minor_digits, parse_amount, to_decimal
from staff.models import Task, TaskKind, TaskStatus
from staff.selectors import users_with_permission
from staff.selectors.briefs import BRIEF_FIELDS, BriefField


def _stored_order(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers in the order in which PostgreSQL gives them back: what did not change compares equal."""
    return {key: answers[key] for key in sorted(answers, key=lambda key: (len(key), key)) if answers[key]}


class BriefWidget(forms.MultiWidget):
    """The questions of a kind, one under the other."""

    template_name = "staff/widgets/brief.html"

    def __init__(self, questions: tuple[BriefField, ...]) -> None:
        self.questions = questions
        super().__init__(
            {
                question.key: UnfoldAdminTextareaWidget(attrs={"rows": 3})
                if question.is_long
                else UnfoldAdminTextInputWidget()
                for question in questions
            }
        )

    def decompress(self, value: Mapping[str, str] | None) -> list[str]:
        """Return the answers in the order of the questions."""
        return [(value or {}).get(question.key, "") for question in self.questions]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Put each question beside its input."""
        context = super().get_context(name, value, attrs)
        context["asked"] = list(zip(self.questions, context["widget"]["subwidgets"], strict=True))
        return context


class BriefAnswers(forms.MultiValueField):
    """A brief as a mapping of answers; required questions must be answered unless ``may_be_open``."""

    def __init__(self, kind: str, *, may_be_open: bool) -> None:
        self.questions = BRIEF_FIELDS[TaskKind(kind)]
        self.may_be_open = may_be_open
        fields = [forms.CharField(required=False, max_length=4000) for _question in self.questions]
        super().__init__(
            fields, label=gettext_lazy("Brief"), widget=BriefWidget(self.questions), required=False,
            require_all_fields=False,
        )  # fmt: skip

    def clean(self, value: Any) -> dict[str, str]:
        """Name the questions that are open."""
        answers: dict[str, str] = super().clean(value) or {}
        missing = [str(q.label) for q in self.questions if q.is_required and not answers.get(q.key)]
        if missing and not self.may_be_open:
            raise forms.ValidationError(_("Please answer first: %(fields)s") % {"fields": ", ".join(missing)})
        return answers

    def compress(self, data_list: list[str]) -> dict[str, str]:
        """Return the answers by question."""
        texts = data_list or [""] * len(self.questions)
        return _stored_order({q.key: text.strip() for q, text in zip(self.questions, texts, strict=True)})


class TaskForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """What may be changed of a request; saved by ``edit_task``."""

    shown_price = forms.CharField(
        label=gettext_lazy("price shown"), max_length=30, required=False, widget=UnfoldAdminTextInputWidget
    )
    shown_currency = forms.ChoiceField(
        label=gettext_lazy("currency"),
        choices=[("", "–"), *Currency.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    watcher_ids = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Watchers"), coerce=int, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Task
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        task: Task = self.instance
        if "brief" in self.fields:
            self.fields["brief"] = BriefAnswers(task.kind, may_be_open=task.status == TaskStatus.DRAFT)
        if "watcher_ids" in self.fields:
            people = users_with_permission("staff.view_task").order_by("first_name", "username")
            self.fields["watcher_ids"].choices = [(user.pk, str(user)) for user in people]  # type: ignore[attr-defined]
            self.initial["watcher_ids"] = list(task.watchers.values_list("user_id", flat=True))
        if "role" in self.fields and task.status not in {TaskStatus.DRAFT, TaskStatus.SUBMITTED}:
            self.fields["role"].disabled = True
        if task.shown_price is not None:
            self.initial["shown_price"] = price_text(task.shown_price, task.shown_currency)

    def clean(self) -> dict[str, Any]:
        """Read the price in its currency."""
        data: dict[str, Any] = super().clean() or {}
        if "shown_price" not in self.fields:
            return data
        data["shown_price"], data["shown_currency"] = read_price(self, data)
        return data


def price_text(minor: int, currency: str) -> str:
    """Return minor units as an input wants them: 1234.50."""
    return f"{to_decimal(minor, currency):.{minor_digits(currency)}f}"


def read_price(form: forms.BaseForm, data: Mapping[str, Any]) -> tuple[int | None, str]:
    """Return (minor units, currency) of the two fields of a form, nothing without a price; faults go to the form."""
    text, currency = data.get("shown_price") or "", data.get("shown_currency") or ""
    if not text:
        return None, ""
    if not currency:
        form.add_error("shown_currency", _("Choose the currency of the price."))
        return None, ""
    try:
        amount = parse_amount(text, currency)
    except InvalidInput as error:
        form.add_error("shown_price", str(error))
        return None, ""
    if amount < 0:
        form.add_error("shown_price", _("A price cannot be negative."))
        return None, ""
    return amount, currency
