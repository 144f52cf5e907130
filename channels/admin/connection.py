"""How each mall is reached, whether it works, and what waits for it."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from catalog.models import ChannelKind, SalesChannel
from channels.adapters.choosing import CLIENTS, TROUBLE, open_mall, problem_of, variables_of
from channels.models import Connection, Problem
from channels.selectors.waiting import Waiting, failing, waiting_of
from channels.services.connecting import INLETS, faults_of, save_connection, talk_soon
from core.display import badge_html, moment_text
from core.errors import InvalidInput
from core.schedule import wake
from core.ui import Answer, ModelAdmin, Tab, actor, columns, service_action
from core.ui.badges import NavigationBadge, register_badge
from core.ui.tiles import Kpi, Tile, register_tile
from service.models import Inlet

CHANGE = "channels.change_connection"


class ConnectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the mall needs to know of us, in its own words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sales_channel" in self.fields:
            channels = SalesChannel.objects.filter(kind__in=CLIENTS, connection=None).order_by("name")
            self.fields["sales_channel"].queryset = channels  # type: ignore[attr-defined]
        clients = CLIENTS
        if self.instance.pk:
            kind = self.instance.sales_channel.kind
            clients = {kind: CLIENTS[kind]} if kind in CLIENTS else {}
        for name, label in (("account", "ACCOUNT"), ("user", "USER")):
            if name in self.fields:
                words = {ChannelKind(kind).label: getattr(client, label) for kind, client in clients.items()}
                self.fields[name].help_text = _said(words, is_one=bool(self.instance.pk))
        for kind, name in INLETS.items():
            if name in self.fields:
                inlets = Inlet.objects.filter(kind=kind, is_active=True).order_by("name")
                self.fields[name].queryset = inlets  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say beside each input what the mall cannot do, or lacks."""
        data = super().clean() or {}
        row = Connection(**{name: data[name] for name in (*INLETS.values(), "account", "user") if name in data})
        channel = data.get("sales_channel") or (self.instance.sales_channel if self.instance.pk else None)
        if channel is not None:
            row.sales_channel = channel
            for name, fault in faults_of(row).items():
                self.add_error(name if name in self.fields else None, fault)
        return data


def _said(words: dict[Any, Any], *, is_one: bool) -> str:
    """Return what each mall calls it; a mall that has no such thing is left out."""
    named = {mall: label for mall, label in words.items() if label}
    if is_one:
        return str(next(iter(named.values()), _("This mall needs none.")))
    return " · ".join(f"{mall}: {label}" for mall, label in named.items())


def _state(row: Connection) -> Any:
    if not row.is_active:
        return badge_html(pgettext("connection", "Off"), "grey")
    if row.problem:
        return badge_html(Problem(row.problem).label, "red")
    if row.worked_at is None:
        return badge_html(_("Not talked with yet"), "blue")
    return badge_html(pgettext("connection", "Works"), "green")


def does(row: Connection) -> str:
    """Return what goes on by itself, in words."""
    if row.sales_channel.kind not in CLIENTS:
        return "–"
    parts = [_("tells tracking numbers")] if row.tells_shipments else []
    if row.mall_inlet_id or row.question_inlet_id:
        parts.append(_("reads and answers questions"))
    return " · ".join(parts) or "–"


def _waits(row: Connection) -> str:
    waiting: Waiting = getattr(row, "waiting", Waiting())
    parts = []
    if waiting.parcels:
        words = ngettext("%(count)s parcel", "%(count)s parcels", waiting.parcels)
        parts.append(words % {"count": waiting.parcels})
    if waiting.answers:
        words = ngettext("%(count)s answer", "%(count)s answers", waiting.answers)
        parts.append(words % {"count": waiting.answers})
    return " · ".join(parts) or "–"


@admin.register(Connection)
class ConnectionAdmin(ModelAdmin):
    """Accounts at malls that are talked with directly."""

    few_rows = True
    form = ConnectionForm
    list_display = [
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.computed("mall", gettext_lazy("Mall"), lambda row: row.sales_channel.get_kind_display()),
        columns.computed("state", gettext_lazy("Status"), _state),
        columns.computed("does", gettext_lazy("By itself"), does),
        columns.computed("waits", gettext_lazy("Waits for the mall"), _waits),
        columns.moment("worked_at", gettext_lazy("Last talk")),
        columns.moment("key_expires_on", gettext_lazy("Key ends on")),
    ]
    list_select_related = ("sales_channel",)
    ordering = ["sales_channel__name", "id"]
    search_fields = ["sales_channel__name", "sales_channel__code"]
    tabs = [
        Tab("all", pgettext_lazy("connection", "All")),
        Tab("failing", pgettext_lazy("connection", "Out of reach"), Q(is_active=True) & ~Q(problem=""), alert=True,
            empty=gettext_lazy("Every mall can be reached.")),
        Tab("off", pgettext_lazy("connection", "Off"), Q(is_active=False),
            empty=gettext_lazy("No connection is switched off.")),
    ]  # fmt: skip
    empty_title = gettext_lazy("No mall is connected yet")
    empty_text = gettext_lazy(
        "Connected malls are told tracking numbers by themselves, and their inquiries come into the inbox. "
        "Without a connection both go by files."
    )

    def complete_rows(self, request: HttpRequest, rows: Sequence[Connection]) -> None:
        """Put beside each connection what waits for its mall."""
        waiting = waiting_of(list(rows))
        for row in rows:
            row.waiting = waiting[row.pk]  # type: ignore[attr-defined]

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        """Leave out what the mall of an existing connection has no use for."""
        client = CLIENTS.get(obj.sales_channel.kind) if obj is not None else None
        account = tuple(name for name in ("account", "user") if client is None or getattr(client, name.upper()))
        inlets = tuple(name for kind, name in INLETS.items() if client is None or kind in client.ASKS)
        first = ["sales_channel", *([account] if account else []), ("key_expires_on", "is_active")]
        found: list[tuple[Any, Any]] = [
            (None, {"fields": first}),
            (gettext_lazy("Parcels"), {"fields": ["tells_shipments"]}),
        ]
        return [*found, (gettext_lazy("Inquiries"), {"fields": [inlets, "asks_since"]})] if inlets else found

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> list[str]:
        """A connection stays with its channel."""
        return ["sales_channel"] if obj is not None else []

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: Any) -> None:
        """Write through the service: inlets follow."""
        values = {name: form.cleaned_data[name] for name in form.cleaned_data if not name.startswith("_")}
        obj.pk = save_connection(connection_id=obj.pk if change else None, values=values, actor=actor(request)).pk

    def facts(self, request: HttpRequest, obj: Connection) -> Sequence[tuple[Any, Any]]:
        """Return whether it works, where its keys are read from, and up to when questions were read."""
        row = Connection.objects.select_related("sales_channel").get(pk=obj.pk)
        row.waiting = waiting_of([row])[row.pk]  # type: ignore[attr-defined]
        missing = _("not set")
        keys = [f"{name} {'✓' if is_set else f'– {missing}'}" for name, is_set in variables_of(row).items()]
        read = [moment for moment in (row.mall_until, row.question_until) if moment is not None]
        return [
            (_("Status"), _state(row)),
            *([(_("The mall’s word"), row.word)] if row.word else []),
            (_("Last talk"), moment_text(row.worked_at) if row.worked_at else "–"),
            (_("Waits for the mall"), _waits(row)),
            *([(_("Questions read until"), moment_text(min(read)))] if read else []),
            (_("Keys in the environment"), " · ".join(keys)),
        ]

    @service_action(
        gettext_lazy("Test connection"),
        permission=CHANGE,
        icon="lan",
        question=gettext_lazy("Ask the mall for something small, without changing anything there?"),
    )
    def test_connection(self, request: HttpRequest, obj: Connection, data: dict[str, Any]) -> Answer:
        """Ask once; the answer says what is wrong."""
        try:
            with closing(open_mall(obj)) as mall:
                mall.check()
        except TROUBLE as trouble:
            problem, word = problem_of(trouble)
            said = f"{problem.label} ({word})" if word else str(problem.label)
            raise InvalidInput(said) from trouble
        return Answer(_("The mall answers: account and keys are right."))

    @service_action(
        gettext_lazy("Talk now"),
        permission=CHANGE,
        icon="sync",
        available=lambda _user, row: row.is_active,
    )
    def talk_now(self, request: HttpRequest, obj: Connection, data: dict[str, Any]) -> str:
        """Let a worker talk with the mall now."""
        talk_soon(connection_id=obj.pk, actor=actor(request))
        wake("channels.talk_with_malls")
        return _("The mall is talked with now. Reload the page in some seconds.")


def failing_tile(request: HttpRequest) -> Kpi | None:
    """Count malls out of reach; nothing when there is none."""
    count = failing().count()
    url = f"{reverse('admin:channels_connection_changelist')}?tab=failing"
    return Kpi(str(count), _("malls cannot be reached"), url, "danger", "cable") if count else None


register_tile(
    Tile("channels.failing", gettext_lazy("Malls out of reach"), failing_tile, "channels.view_connection", "orders", 23)
)
register_badge(NavigationBadge("connections", failing, "danger"))
