"""Why a row or a file was refused: stored as a code with parameters, put into words in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

Reason = dict[str, Any]  # {"code": ..., "column": ..., further parameters}; never a cell of a personal column
MESSAGES: dict[str, Any] = {}


def register_reasons(messages: Mapping[str, Any]) -> None:
    """Add an app's sentences by code; ``%(name)s`` in them is filled from the reason's parameters."""
    MESSAGES.update(messages)


def sentence(reason: Reason) -> str:
    """Return the reason in the active language; an unknown code is shown as it is."""
    message = MESSAGES.get(str(reason.get("code")))
    if message is None:
        return str(reason.get("code"))
    try:
        text = str(message) % reason
    except KeyError:
        text = str(message)
    return f"{reason['column']}: {text}" if reason.get("column") else text


def sentences(reasons: Iterable[Reason] | None) -> list[str]:
    """Return all reasons of a row in words."""
    return [sentence(reason) for reason in reasons or ()]


register_reasons(
    {
        # a file
        "empty_file": _("The file has no rows. Choose the file that holds the data."),
        "not_readable": _("This file is not a table that can be read. Save it as CSV or XLSX and upload it again."),
        "password": _(
            "The file is protected by a password. Open it, save it without the password and upload it again."
        ),
        "unknown_encoding": _(
            "The characters of this file cannot be read with certainty. Choose its encoding (for example cp949 for "
            "Korean, cp932 for Japanese), or save it as UTF-8."
        ),
        "wrong_encoding": _("The file is not written in %(encoding)s. Choose another encoding."),
        "bomb": _("The file unpacks to far more than its size allows (%(what)s). Split it or save it as CSV."),
        "too_many_rows": _("The file has more than %(limit)s rows. Split it."),
        "too_many_columns": _(
            "Row %(row)s has more than %(limit)s columns. Keep those that are needed and upload again."
        ),
        "cell_too_long": _("Row %(row)s has a cell of more than %(limit)s characters. Remove it and upload again."),
        "no_header": _("No row with column names was found among the first rows."),
        "missing_columns": _("These columns are missing: %(columns)s. Add them, or choose which column holds them."),
        "no_sheet": _("The workbook has no sheet with rows."),
        "account_closed": _(
            "The account that asked for this import is closed. Somebody else has to upload the file again."
        ),
        "right_lost": _(
            "The account that asked for this import may no longer import such files. Ask an administrator for the "
            "right and start the job again, or let somebody else upload the file."
        ),
        # a row
        "required": _("is empty, but needed"),
        "not_amount": _("“%(text)s” is not an amount. Write digits such as 1234.50."),
        "too_precise": _("“%(text)s” has more decimals than %(currency)s knows."),
        "too_large": _("“%(text)s” is too large."),
        "not_whole": _("“%(text)s” is not a whole number."),
        "not_date": _("“%(text)s” is not a date that can be read. Write it as 2026-01-31 13:45."),
        "not_flag": _("“%(text)s” is neither yes nor no."),
        "too_long": _("has more than %(limit)s characters"),
        "mangled": _("A spreadsheet has rounded this number. Export the column as text and upload again."),
        "ragged": _("The row has %(found)s cells, but there are %(wanted)s columns."),
        "sibling": _(
            "Row %(row)s of the same document is refused, and documents are never imported in part. Correct that row."
        ),
        "repeated": _("The same as row %(row)s."),
        "unexpected": _("This document could not be imported; the fault was reported to the operators (%(name)s)."),
    }
)
