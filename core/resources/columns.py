"""Cleaning a file column by column: equal cells once, references with one query a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import CharWidget, ForeignKeyWidget, Widget

from core.errors import DomainError
from core.masking import is_masked
from core.resources.choices import is_blank, is_clear_mark, unescape_mark
from core.resources.widgets import KeyWidget, TextWidget

LEAVE = object()  # the cell says nothing: the value stays, a new row gets the default


class PersonalField(Field):
    """A column of personal data: masked in exports and not imported unless the person may see it."""

    def __init__(self, *args: Any, mask: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mask = mask


@dataclass
class RowFaults:
    """What is wrong with rows: row index -> column name -> sentence; "" stands for the whole row."""

    by_row: dict[int, dict[str, str]] = field(default_factory=dict)

    def add(self, index: int, column: str, sentence: str) -> None:
        """Note one fault; the first of a column wins."""
        self.by_row.setdefault(index, {}).setdefault(column, sentence)

    def __contains__(self, index: int) -> bool:
        return index in self.by_row


@dataclass
class Column:
    """One column of the file that sets one field of the model."""

    name: str
    field: Field
    model_field: models.Field[Any, Any]
    position: int
    is_key: bool
    clears_blanks: bool = False
    values: list[Any] = field(default_factory=list)
    exact: set[str] = field(default_factory=set)  # keys that are stored with blanks around them

    @property
    def db_column(self) -> str:
        """Name in the database."""
        return str(self.model_field.column)

    @cached_property
    def leaves(self) -> bool:
        """Whether some cell says nothing."""
        return LEAVE in self.values

    @cached_property
    def empties(self) -> bool:
        """Whether some cell asks for NULL."""
        return None in self.values

    @property
    def is_filled_by_database(self) -> bool:
        """Whether the column is never empty, because the database itself fills it."""
        model_field = self.model_field
        return not model_field.null and model_field.db_default is not NOT_PROVIDED and not model_field.has_default()

    @property
    def is_required(self) -> bool:
        """Whether a new row needs a value here."""
        return self.field.default is NOT_PROVIDED and is_required(self.model_field)

    def clean(self, rows: Sequence[Sequence[Any]], faults: RowFaults, row_as_dict: Callable[[int], Any]) -> None:
        """Fill ``values`` with what the database takes, in the order of ``rows``; note a fault for each bad cell."""
        cells = [row[self.position] for row in rows]
        # what a row's answer depends on: True == 1 in a dictionary, so the type is part of it
        keys: Sequence[Any] = range(len(cells))
        if is_value_only := self._is_value_only():
            keys = [cell if type(cell) is str else (type(cell), cell) for cell in cells]
        different = dict(zip(keys, cells, strict=True))
        self.exact = self._stored_with_blanks(different.values())
        one, stands = self._meaning(self._cleaner(different.values())), self._as_it_stands()
        values, bad = {}, {}
        for key, cell in different.items():
            if key is cell and stands(cell):
                values[key] = cell
                continue
            values[key], sentence = _answer(one, cell, None if is_value_only else row_as_dict(key))
            if sentence:
                bad[key] = sentence
        self.values = [values[key] for key in keys]
        for index, key in enumerate(keys) if bad else ():
            if key in bad:
                faults.add(index, self.field.column_name, bad[key])

    def _as_it_stands(self) -> Callable[[str], Any]:
        """Return what is true of texts that cleaning would leave as they are: tens of thousands need not go through it.

        Plain text, neither too long nor unreadable, without blanks around it, and no mark.
        """
        model_field = self.model_field
        is_plain = (
            type(self.field) is Field
            and type(self.field.widget) is TextWidget
            and type(model_field) in (models.CharField, models.TextField)
            and not (model_field.choices or model_field.primary_key)
            and all(type(validator) is MaxLengthValidator for validator in model_field.validators)
        )
        if not is_plain:
            return lambda _cell: False
        most = "+" if model_field.max_length is None else f"{{1,{model_field.max_length}}}"
        return re.compile(rf"(?=[^\s\\])[^\x00\ufffd]{most}(?<=[^\s\]])").fullmatch

    def _meaning(self, one: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Return ``one`` for cells that hold something; blanks and the clear mark mean what ``choices`` says."""

        def clean(cell: Any, row: Any) -> Any:
            if is_clear_mark(cell):
                return self._emptied()
            # what cannot be empty is not emptied by a cell that says nothing; new rows need it, and are told so
            if not self.is_key and (not self.clears_blanks or self.is_required) and is_blank(cell):
                return LEAVE
            return one(unescape_mark(cell), row)

        return clean

    def _is_value_only(self) -> bool:
        widget = self.field.widget
        return isinstance(widget, ForeignKeyWidget) or getattr(
            widget, "value_only", type(widget) in (Widget, CharWidget)
        )

    def _stored_with_blanks(self, cells: Collection[Any]) -> set[str]:
        """Return the cells that are keys just as they stand; other keys lose the blanks around them."""
        padded = {cell for cell in cells if isinstance(cell, str) and cell != cell.strip()} if self.is_key else set()
        if not padded or self.model_field.is_relation:
            return set()
        name = self.model_field.name
        found = self.model_field.model._default_manager.filter(**{f"{name}__in": padded})
        return set(found.values_list(name, flat=True))

    def _cleaner(self, cells: Collection[Any]) -> Callable[[Any, Any], Any]:
        if isinstance(self.field.widget, ForeignKeyWidget):
            ids = self._ids(cells)
            return lambda cell, _row: self._reference(cell, ids)
        return self._plain

    def _ids(self, cells: Collection[Any]) -> Mapping[str, Any]:
        texts = {str(unescape_mark(cell)) for cell in cells if cell is not None}
        keys = (texts | {text.strip() for text in texts}) - {""}
        widget = self.field.widget
        if isinstance(widget, KeyWidget):
            return widget.ids(keys)
        target = widget.model._meta.get_field(widget.field if widget.field != "pk" else widget.model._meta.pk.name)
        valid = [key for key in keys if _converts(target, key)]
        found = widget.get_queryset(None, None).filter(**{f"{target.name}__in": valid})
        return {str(key): pk for key, pk in found.values_list(target.name, "pk")}

    def _reference(self, cell: Any, ids: Mapping[str, Any]) -> Any:
        text = "" if cell is None else str(cell)
        key = text if text in ids else text.strip()
        if not key:
            return self._blank()
        if key not in ids:
            widget = self.field.widget
            sentence = (
                widget.unknown(key) if isinstance(widget, KeyWidget) else _("“%(key)s” is unknown.") % {"key": key}
            )
            raise ValueError(sentence)
        return ids[key]

    def _plain(self, cell: Any, row: Any) -> Any:
        value = self.field.widget.clean(cell, row=row)
        if isinstance(value, str):
            value = value.strip() if self.is_key and value not in self.exact else value
            if isinstance(self.field, PersonalField) and is_masked(value):
                raise ValueError(_("This value is masked. Leave the column out to keep what is stored."))
        if value is None or value == "":
            return self._blank()
        if not self.model_field.primary_key:
            value = self.model_field.clean(value, None)
        return self.model_field.get_db_prep_save(value, connection)

    def _blank(self) -> Any:
        model_field = self.model_field
        default = self.field.default
        if default is not NOT_PROVIDED:
            return default() if callable(default) else default
        if model_field.has_default():
            return model_field.get_default()
        if model_field.null or model_field.primary_key:
            return None
        if model_field.empty_strings_allowed and model_field.blank:
            return ""
        if self.is_filled_by_database and not self.is_key:
            return LEAVE
        raise ValueError(_("A value is needed here."))

    def _emptied(self) -> Any:
        value = self._blank()
        if value is LEAVE:
            raise ValueError(_("This cannot be empty."))
        return value


def is_required(model_field: models.Field[Any, Any]) -> bool:
    """Tell whether a new row must be given a value of this field."""
    has_value = model_field.null or model_field.has_default() or model_field.primary_key or model_field.blank
    automatic = model_field.db_default is not NOT_PROVIDED or getattr(model_field, "auto_now", False)
    return not has_value and not automatic and not model_field.generated


def _answer(one: Callable[[Any, Any], Any], cell: Any, row: Any) -> tuple[Any, str]:
    try:
        return one(cell, row), ""
    except ValidationError as error:
        return None, " ".join(error.messages)
    except DomainError as error:
        return None, str(error)
    except InvalidOperation:
        return None, _("“%(text)s” is not a number.") % {"text": cell}
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        return None, str(error)


def _converts(target: models.Field[Any, Any], key: str) -> bool:
    try:
        target.get_prep_value(key)
    except (ValueError, TypeError):
        return False
    return True
