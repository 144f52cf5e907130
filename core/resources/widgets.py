"""How one cell becomes a value and back; an export that is imported again changes nothing.

``value_only`` says that ``clean`` looks at nothing but the cell, so equal cells are cleaned once. ``paths`` and
``cell`` let an export read plain columns instead of objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from import_export.widgets import CharWidget, ForeignKeyWidget, Widget

from core.errors import DomainError
from core.money import parse_amount, to_decimal

TRUE_WORDS = {"1", "true", "yes", "y", "o", "예", "네", "はい", "○"}
FALSE_WORDS = {"0", "false", "no", "n", "x", "아니오", "아니요", "いいえ", "×"}


class TextWidget(CharWidget):
    """Text exactly as in the cell; refuses NUL, which PostgreSQL cannot keep, and what readers put in its place."""

    value_only = True

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the text, empty for an empty cell."""
        text = "" if value is None else str(value)
        if "\x00" in text or "\ufffd" in text:
            raise ValueError(_("A character in it could not be read (NUL, or �). Type it again."))
        return text


class WholeNumberWidget(Widget):
    """Whole numbers; refuses 3.7 and 1e9 instead of guessing."""

    value_only = True

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        """Return the number, None for an empty cell; "1,200" and "3.0" are read as spreadsheets write them."""
        text = "" if value is None else str(value).strip().replace(",", "")
        if not text:
            return None
        try:
            number = Decimal(text) if text.isascii() and not any(c in "eEnNiI_" for c in text) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number != number.to_integral_value():
            raise ValueError(_("“%(text)s” is not a whole number.") % {"text": value})
        return int(number)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Return the number itself, so that a spreadsheet can add it up."""
        return "" if value is None else int(value)


class FlagWidget(Widget):
    """Yes or no; refuses what is neither."""

    value_only = True

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        """Return True or False, None for an empty cell."""
        text = "" if value is None else str(value).strip().casefold()
        if not text:
            return None
        if text in TRUE_WORDS:
            return True
        if text in FALSE_WORDS:
            return False
        raise ValueError(_("“%(text)s” is neither yes nor no. Write 1 or 0.") % {"text": value})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Return 1 or 0."""
        return "" if value is None else int(bool(value))


class MomentWidget(Widget):
    """A moment with its offset and microseconds, so that nothing is lost on the way back."""

    value_only = True

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime | None:
        """Return an aware datetime; a time without an offset is in the active time zone, a date is its midnight."""
        if isinstance(value, datetime):
            return value if timezone.is_aware(value) else timezone.make_aware(value)
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        moment = _moment(text)
        if moment is None:
            raise ValueError(_("“%(text)s” is not a date. Write 2026-11-22 or 2026-11-22 18:30.") % {"text": value})
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return ISO 8601 in the active time zone."""
        return "" if value is None else timezone.localtime(value).isoformat(sep=" ")


def _moment(text: str) -> datetime | None:
    plain = text.replace("/", "-")
    try:
        moment = parse_datetime(plain)
        day = None if moment else parse_date(plain)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day) if day else moment  # noqa: DTZ001 the caller makes it aware


class MoneyWidget(Widget):
    """An amount in major units ("12.50"); the row's currency column says in which."""

    def __init__(self, *, currency_column: str = "currency", currency_path: str = "currency") -> None:
        super().__init__()
        self.needs = (currency_column,)
        self.currency_path = currency_path

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        """Return minor units, None for an empty cell; refuses more decimals than the currency has."""
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        try:
            return parse_amount(text, str(row[self.needs[0]]).strip())
        except DomainError as error:
            raise ValueError(str(error)) from None

    def paths(self, attribute: str) -> list[str]:
        """Return the columns an export has to read."""
        return [attribute, self.currency_path]

    def cell(self, value: int | None, currency: str) -> Any:
        """Return the decimal number in major units."""
        return "" if value is None else to_decimal(value, currency)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return minor units; exports use ``cell``, which knows the currency."""
        return "" if value is None else str(value)


class KeyWidget(ForeignKeyWidget):
    """A reference by a key that people know; a whole column is looked up with one query."""

    def ids(self, keys: Iterable[str]) -> Mapping[str, Any]:
        """Return the primary key for each of the ``keys`` that exists."""
        return dict(self.queryset().filter(**{f"{self.field}__in": list(keys)}).values_list(self.field, "pk"))

    def queryset(self) -> models.QuerySet[Any]:
        """Return the objects that may be referred to."""
        objects: models.QuerySet[Any] = self.model._default_manager.all()
        return objects

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the object (row by row), None for an empty cell; refuses an unknown key."""
        key = "" if value is None else str(value).strip()
        if not key:
            return None
        pk = self.ids([key]).get(key)
        if pk is None:
            raise ValueError(self.unknown(key))
        return self.model._default_manager.get(pk=pk)

    def unknown(self, key: str) -> str:
        """Return the sentence for a key that does not exist."""
        return _("There is no %(kind)s “%(key)s”.") % {"kind": self.model._meta.verbose_name, "key": key}

    def paths(self, attribute: str) -> list[str]:
        """Return the columns an export has to read."""
        return [f"{attribute}__{self.field}"]

    def cell(self, value: Any) -> Any:
        """Return the key."""
        return "" if value is None else str(value)
