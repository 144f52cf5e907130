"""Where people write, and who answers."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.display import moment_text
from core.errors import InvalidInput
from core.ui import ActionForm, Answer, ModelAdmin, Tab, actor, columns, service_action
from service.adapters.imap import MailboxError, open_box
from service.models import Inlet, InletKind, Mailbox, MailSecurity, Team
from service.policies import only_says
from service.services.intake.fetching import access_of, password_of, save_mailbox, variable_of

CHANGE = "service.change_inlet"
_WORDS = {
    "refused": _("The server refuses user name or password."),
    "unreachable": _("The server does not answer. Check host, port and protection."),
    "no folder": _("There is no such folder in the mailbox."),
    "no password": _("The password is not set in the environment."),
    "broken": _("The connection broke off."),
}


class InletForm(forms.ModelForm):  # type: ignore[type-arg]
    """What belongs together in how silence is followed."""

    def clean(self) -> dict[str, Any]:
        """Refuse half of a pair, an end without a reminder before, and macros that do more than say something."""
        data = super().clean() or {}
        macro, reason = data.get("remind_macro"), data.get("end_reason")
        if bool(data.get("remind_after_days")) != bool(macro):
            self.add_error("remind_macro", gettext("A reminder has a number of days and a macro with its words."))
        elif macro is not None and not only_says(macro):
            self.add_error("remind_macro", gettext("This macro does more than say something."))
        if bool(data.get("end_after_days")) != bool(reason):
            self.add_error("end_reason", gettext("Choose days and the reason together."))
        elif reason is not None and not macro:
            self.add_error("end_after_days", gettext("Nobody is settled who was not reminded first."))
        return data


class MailboxForm(ActionForm):
    """Where the mails are fetched."""

    host = forms.CharField(label=_("Server"), max_length=200)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    security = forms.ChoiceField(label=_("Protection"), choices=MailSecurity.choices)
    username = forms.CharField(label=_("User name"), max_length=200)
    folder = forms.CharField(label=_("Folder"), max_length=200)
    takes_since = forms.DateField(
        label=_("Mails since"),
        help_text=_("Older mails stay in the box and become no tickets."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    is_active = forms.BooleanField(label=_("Active"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = f"MAILBOX_PASSWORD_{variable_of(self.obj.code)}"
        words = _("The password is read from the variable %(name)s of the environment.") % {"name": name}
        self.fields["username"].help_text = words


def box_of(inlet: Inlet) -> Mailbox | None:
    """Return the inlet's mailbox, if it has one."""
    return getattr(inlet, "mailbox", None)


def _initial(_request: HttpRequest, inlet: Inlet) -> dict[str, Any]:
    box = box_of(inlet)
    if box is None:
        today = timezone.localdate()
        return {
            "port": 993, "security": "tls", "folder": "INBOX", "username": inlet.address, "takes_since": today,
            "is_active": True,
        }  # fmt: skip
    names = ("host", "port", "security", "username", "folder", "takes_since", "is_active")
    return {name: getattr(box, name) for name in names}


def problem_of(inlet: Inlet) -> Any:
    """Say why the mailbox cannot be read, in words; empty when all is well."""
    box = box_of(inlet)
    return _WORDS.get(box.error, box.error) if box is not None and box.error else ""


@admin.register(Inlet)
class InletAdmin(ModelAdmin):
    """Mailboxes, malls, forms and the phone."""

    few_rows = True
    list_display = [
        columns.two_lines("name", "code", _("Inlet"), order=True),
        columns.computed("kind", _("Kind"), lambda inlet: inlet.get_kind_display()),
        columns.text("address", _("Our e-mail address")),
        columns.text("sales_channel", _("Sales channel")),
        columns.moment("heard_at", _("Last message")),
        columns.moment("checked_at", _("Last looked")),
        columns.computed("mailbox", _("Problem"), lambda inlet: problem_of(inlet) or "–"),
        columns.flag("is_active", _("Active")),
    ]
    list_select_related = ("sales_channel", "mailbox")
    tabs = [
        Tab("active", pgettext_lazy("inlet", "Active"), Q(is_active=True)),
        Tab("all", pgettext_lazy("inlet", "All"), count=False),
    ]
    ordering = ["name", "id"]
    search_fields = ["name", "code"]
    list_filter = ["kind"]
    form = InletForm
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "code"),
                    ("kind", "language"),
                    ("sales_channel", "address"),
                    "is_active",
                ]
            },
        ),
        (
            _("When the customer is silent"),
            {
                "fields": [
                    ("remind_after_days", "remind_macro"),
                    ("end_after_days", "end_reason"),
                    "close_after_days",
                ]
            },
        ),
    ]
    empty_title = _("No inlets yet")
    empty_text = _("Say by which ways people write to you: a mailbox, a mall’s inquiries, the phone.")

    def facts(self, request: HttpRequest, obj: Inlet) -> Sequence[tuple[Any, Any]]:
        """Return where mails are fetched, when that was done, and what went wrong."""
        box = box_of(obj)
        if box is None:
            return ()
        last = moment_text(obj.checked_at) if obj.checked_at else "–"
        return [
            (gettext("Mailbox"), f"{box.username} · {box.host}:{box.port} · {box.folder}"),
            (gettext("Last looked"), last),
            *([(gettext("Problem"), problem_of(obj))] if box.error else []),
        ]

    @service_action(
        _("Mailbox"),
        permission=CHANGE,
        form=MailboxForm,
        icon="mail_lock",
        initial=_initial,
        submit=_("Save"),
        available=lambda _user, inlet: inlet.kind == InletKind.EMAIL,
    )
    def set_mailbox(self, request: HttpRequest, obj: Inlet, data: dict[str, Any]) -> Answer:
        """Say where the mails are fetched."""
        save_mailbox(inlet_id=obj.pk, values=data, actor=actor(request))
        return Answer(gettext("Saved. The mailbox is read within a minute; try the connection now."))

    @service_action(
        _("Test connection"),
        permission=CHANGE,
        icon="lan",
        question=_("Log in to the mailbox and open its folder, without reading a mail?"),
        available=lambda _user, inlet: box_of(inlet) is not None,
    )
    def test_connection(self, request: HttpRequest, obj: Inlet, data: dict[str, Any]) -> Answer:
        """Log in and out again; the answer says what is wrong."""
        if not password_of(obj.code):
            raise InvalidInput(_WORDS["no password"])
        try:
            with open_box(access_of(Mailbox.objects.select_related("inlet").get(inlet=obj))):
                pass
        except MailboxError as failure:
            raise InvalidInput(_WORDS[failure.reason]) from failure
        return Answer(gettext("The mailbox can be read."))


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    """Colleagues who answer the same kind of tickets."""

    few_rows = True
    list_display = [columns.text("name", pgettext_lazy("customer service", "Team"), order=True)]
    ordering = ["name", "id"]
    search_fields = ["name"]
    fields = ["name", "members"]
    autocomplete_fields = ["members"]
    empty_title = _("No teams yet")
    empty_text = _("A team is who answers the same kind of tickets: a language, a mall, a group of products.")
