"""Typed columns of lists: what a cell shows, how it sorts, which relation it needs. No cell runs a query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.countries import country_name
from core.display import COLOURS, badge_html, moment_text, number_text
from core.money import format_money

Reader = Callable[[Any], Any]
EMPTY = ""


@dataclass(frozen=True, eq=False)
class Column:
    """One column; usable in ``list_display`` as it is. ``related`` is selected by the list automatically."""

    name: str
    label: Any
    cell: Callable[[Any], Any]
    order: str | None = None
    css: str = ""
    related: tuple[str, ...] = ()

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def short_description(self) -> Any:
        """Django's name for the header."""
        return self.label

    @property
    def admin_order_field(self) -> str | None:
        """Django's name for the sort key."""
        return self.order

    def __call__(self, obj: Any) -> Any:
        """Return the cell's text for one row."""
        return self.cell(obj)


def reader(path: str) -> Reader:
    """Return a function that follows ``"customer.name"`` and gives None where the way ends."""
    parts = path.split(".")

    def read(obj: Any) -> Any:
        for part in parts:
            if obj is None:
                return None
            obj = getattr(obj, part)
        return obj

    return read


def _related(*paths: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys("__".join(path.split(".")[:-1]) for path in paths if "." in path))


def _order(path: str, order: str | bool | None) -> str | None:  # noqa: FBT001 private, always named after its argument
    if order is True:
        return path.replace(".", "__")
    return order or None


def _name(path: str) -> str:
    return path.replace(".", "_")


def _shown(value: Any) -> Any:
    return EMPTY if value is None else localize(value)


def text(path: str, label: Any, *, order: str | bool | None = None, css: str = "") -> Column:
    """A plain value."""
    read = reader(path)
    return Column(_name(path), label, lambda obj: _shown(read(obj)), _order(path, order), css, _related(path))


def country(path: str, label: Any) -> Column:
    """A country's two letters as its name."""
    read = reader(path)
    return Column(_name(path), label, lambda obj: country_name(read(obj) or EMPTY), None, "", _related(path))


def number(path: str, label: Any, *, order: str | bool | None = None) -> Column:
    """A right-aligned count or quantity, with the language's separators."""
    read = reader(path)
    return Column(_name(path), label, lambda obj: number_text(read(obj)), _order(path, order), "num", _related(path))


def money(path: str, label: Any, *, currency: str = "currency", order: str | bool | None = None) -> Column:
    """Right-aligned minor units; ``currency`` is a path to the code, or a code such as "KRW"."""
    read = reader(path)
    read_currency = (lambda _obj: currency) if currency.isupper() else reader(currency)
    related = _related(path) if currency.isupper() else _related(path, currency)

    def cell(obj: Any) -> str:
        return format_money(read(obj), read_currency(obj))

    return Column(_name(path), label, cell, _order(path, order), "num", related)


@cache
def choice_words(model: Any, field: str) -> Mapping[Any, Any]:
    """Return the words of a field's choices: Django's own way to ask for one hashes, so translates, all of them."""
    return dict(model._meta.get_field(field).flatchoices)


def badge(path: str, label: Any, *, colours: Mapping[str, str], order: str | bool | None = None) -> Column:
    """A TextChoices value as a coloured badge; ``colours`` maps values to one of ``COLOURS``, others are grey."""
    unknown = set(colours.values()) - COLOURS
    if unknown:
        raise ValueError(f"a badge cannot be {sorted(unknown)}")
    *way, field = path.split(".")
    read_owner = reader(".".join(way)) if way else lambda obj: obj

    def cell(obj: Any) -> Any:
        owner = read_owner(obj)
        if owner is None:
            return EMPTY
        value = getattr(owner, field)
        if not value:
            return EMPTY
        return badge_html(choice_words(owner._meta.model, field).get(value, value), colours.get(value, "grey"))

    return Column(_name(path), label, cell, _order(path, order), "fit", _related(path))


def moment(
    path: str, label: Any, *, order: str | bool | None = None, late: Callable[[Any], bool] | None = None
) -> Column:
    """A point in time in the reader's zone; red where ``late(row)`` holds."""
    read = reader(path)

    def cell(obj: Any) -> Any:
        value = read(obj)
        if value is None:
            return EMPTY
        shown = moment_text(value)
        return format_html('<em class="late">{}</em>', shown) if late and late(obj) else shown

    return Column(_name(path), label, cell, _order(path, order), "fit", _related(path))


def two_lines(path: str, second: str | Reader, label: Any, *, order: str | bool | None = None) -> Column:
    """A strong first line and a small second one (a path, or a function of the row)."""
    read, read_second = reader(path), reader(second) if isinstance(second, str) else second

    def cell(obj: Any) -> SafeString:
        below = read_second(obj)
        first = _shown(read(obj))
        return format_html("{}<small>{}</small>", first, _shown(below)) if below not in {None, ""} else first

    related = _related(path, second) if isinstance(second, str) else _related(path)
    return Column(_name(path), label, cell, _order(path, order), "", related)


def link(path: str, label: Any, *, to: str, key: str, order: str | bool | None = None, css: str = "") -> Column:
    """A link to another admin page: ``to="customers_customer"``, ``key`` the path of its id (such as "customer_id")."""
    read, read_key = reader(path), reader(key)
    prefix: dict[str, str] = {}

    def cell(obj: Any) -> Any:
        pk = read_key(obj)
        if pk is None:
            return EMPTY
        if "" not in prefix:  # reversing costs; every id is a whole number
            prefix[""] = reverse(f"admin:{to}_change", args=[0]).removesuffix("0/change/")
        return format_html('<a href="{}{}/change/">{}</a>', prefix[""], pk, _shown(read(obj)))

    return Column(_name(path), label, cell, _order(path, order), css, _related(path, key))


def thumbnail(path: str, label: Any = "") -> Column:
    """A small private picture by its storage path; an empty frame without one."""
    read = reader(path)

    def cell(obj: Any) -> SafeString:
        value = read(obj)
        if not value:
            return format_html('<i class="thumb" aria-label="{}"></i>', _("no picture"))
        return format_html(
            '<img class="thumb" src="{}" alt="" loading="lazy" width="40" height="40">', f"/files/{value}"
        )

    return Column(_name(path), label, cell, None, "fit", _related(path))


def flag(path: str, label: Any, *, order: str | bool | None = None) -> Column:
    """Yes as a check mark, no as a dash."""
    read = reader(path)

    def cell(obj: Any) -> SafeString:
        value = read(obj)
        return format_html(
            '<span class="flag {}" title="{}"></span>', "yes" if value else "no", _("Yes") if value else _("No")
        )

    return Column(_name(path), label, cell, _order(path, order), "fit", _related(path))


def computed(
    name: str,
    label: Any,
    cell: Callable[[Any], Any],
    *,
    order: str | None = None,
    css: str = "",
    related: tuple[str, ...] = (),
) -> Column:
    """A cell from a function of the row; name what it touches in ``related``, annotate the rest in ``for_display``."""
    return Column(name, label, cell, order, css, related)
