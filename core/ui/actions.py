"""Buttons: a POST dialog, one transaction, one service call, a sentence as the answer."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NAMES_SHOWN = 5


class ActionForm(forms.Form):
    """The questions of a dialog; ``self.obj`` (None for bulk) and ``self.user`` are known to subclasses."""

    def __init__(self, *args: Any, obj: Any = None, user: Any = None, **kwargs: Any) -> None:
        self.obj, self.user = obj, user
        super().__init__(*args, **kwargs)


@dataclass(frozen=True)
class Answer:
    """What a button says afterwards, and where it leads (default: back to the page)."""

    sentence: str
    url: str = ""
    level: str = "success"  # success, warning, error


@dataclass(frozen=True)
class BulkOutcome:
    """What became of many rows: how many are done, and (name, reason) of each refused one."""

    done: int
    refused: Sequence[tuple[str, str]] = ()
    url: str = ""

    def answer(self) -> Answer:
        """Return the sentence "18 done, 2 refused: reason (A, B)"."""
        parts = [ngettext("%(count)s done", "%(count)s done", self.done) % {"count": self.done}]
        if self.refused:
            by_reason: dict[str, list[str]] = defaultdict(list)
            for name, reason in self.refused:
                by_reason[str(reason)].append(str(name))
            reasons = "; ".join(f"{reason} ({_names(names)})" for reason, names in by_reason.items())
            count = len(self.refused)
            parts.append(ngettext("%(count)s refused", "%(count)s refused", count) % {"count": count} + f": {reasons}")
        level = "success" if not self.refused else ("warning" if self.done else "error")
        return Answer(", ".join(parts), self.url, level)


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    rest = len(names) - NAMES_SHOWN
    return shown if rest <= 0 else _("%(names)s and %(count)s more") % {"names": shown, "count": rest}


def _always(_user: Any, _obj: Any) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class ServiceAction:
    """A button; ``run`` takes (admin, request, obj or ids, cleaned data) and answers with a sentence."""

    run: Callable[..., Any]
    name: str
    label: Any
    permission: str
    form: type[forms.Form] | None = None
    icon: str = ""
    variant: str = "default"  # primary (the next step), default, danger
    question: Any = ""
    available: Callable[[Any, Any], bool] = _always
    bulk: bool = False
    limit: int = 10_000
    submit: Any = ""
    initial: Callable[..., dict[str, Any]] | None = field(default=None)
    link: Callable[[Any], str] | None = field(default=None)  # of the row: leads to a page instead of asking
    is_shown: bool = True  # False: not among the page's buttons, because a panel or another page leads to it
    is_rare: bool = False  # stands in the menu behind the buttons

    def permitted(self, user: Any) -> bool:
        """Tell whether the user may press it at all."""
        return bool(user.has_perm(self.permission))

    def offered(self, user: Any, obj: Any) -> bool:
        """Tell whether the button is shown for this row: right, policy and transition."""
        return self.permitted(user) and self.available(user, obj)


Decorator = Callable[[Callable[..., Any]], ServiceAction]


def service_action(label: Any, *, permission: str, **options: Any) -> Decorator:
    """Make a button of a detail page from ``method(self, request, obj, data) -> sentence | Answer``.

    Options: form, icon (Material Symbols name), variant, question (asked in the dialog), available(user, obj) -> bool,
    submit (the label of the dialog's button), initial(request, obj) -> dict, is_shown (False: a panel leads to it),
    is_rare (True: in the menu behind the buttons).
    ``permission`` is "<app>.<codename>".
    """
    return lambda method: ServiceAction(method, method.__name__, label, permission, **options)


def link_action(name: str, label: Any, *, permission: str, link: Callable[[Any], str], **options: Any) -> ServiceAction:
    """Make a button that leads to ``link(obj)``, a page to go on; options: icon, variant, available, is_rare."""
    return ServiceAction(_leads_on, name, label, permission, link=link, **options)


def _leads_on(_admin: Any, _request: Any, obj: Any, _data: Any) -> Answer:
    raise NotImplementedError(f"a link is followed, not pressed: {obj}")


def bulk_action(label: Any, *, permission: str, **options: Any) -> Decorator:
    """Make a button for selected rows from ``method(self, request, ids, data) -> BulkOutcome | sentence | Answer``.

    Takes the options of ``service_action`` and ``limit``, the most rows one press may take.
    """
    return lambda method: replace(ServiceAction(method, method.__name__, label, permission, **options), bulk=True)


_registered: dict[type[Model], list[ServiceAction]] = defaultdict(list)


def register_action(model: type[Model], action: ServiceAction) -> None:
    """Show a button of an upper app on a lower app's page; its function gets the lower admin as ``self``."""
    _registered[model].append(action)


def actions_of(admin_class: type, model: type[Model], *, bulk: bool) -> list[ServiceAction]:
    """Return the buttons declared in the class and its bases in order of writing, then the registered ones."""
    found: dict[str, ServiceAction] = {}
    for base in reversed(admin_class.__mro__):
        for value in vars(base).values():
            if isinstance(value, ServiceAction):
                found[value.name] = value
    found.update((action.name, action) for action in _registered[model])
    return [action for action in found.values() if action.bulk == bulk]
