"""Outgoing formats as data: columns in their order, and what each says."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from addresses.fitting import AddressBudget, read_budget
from core.errors import InvalidInput
from shipping.models import FormatKind

CARRIER_FIELDS = frozenset(
    {
        "order_number", "external_number", "sales_channel", "ship_on", "delivery_on", "slot", "phone", "postcode",
        "address", "name", "kana", "email", "sender_name", "sender_phone", "sender_postcode", "sender_address",
        "sender_building", "customer_code", "freight_code", "items", "note", "slip_kind", "temperature", "cod_amount",
        "box_count", "weight_g", "gift",
    }
)  # fmt: skip
CHANNEL_FIELDS = frozenset(
    {
        "external_number", "order_number", "line_id", "carrier", "carrier_name", "tracking_number", "ship_on",
        "shipped_at", "quantity", "sku", "line_name", "position",
    }
)  # fmt: skip
FILES = ("csv", "tsv", "xlsx")
QUOTING = ("minimal", "all", "none")
NEWLINES = {"crlf": "\r\n", "lf": "\n"}
_TOP = frozenset(
    {
        "code", "version", "name", "kind", "belongs_to", "file", "encoding", "newline", "quoting", "has_header",
        "sheet", "dates", "preface", "columns", "values", "widths", "address", "recipient", "required", "rows", "plain",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """What a column says: a constant, or a field of the parcel, or one part of it (``address:2``)."""

    constant: str = ""
    name: str = ""
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class OutDefinition:
    """A format, read and checked."""

    code: str
    version: str
    name: str
    kind: FormatKind
    belongs_to: str = ""
    file: str = "csv"
    encoding: str = "utf-8"
    newline: str = "\r\n"
    quoting: str = "minimal"
    has_header: bool = True
    sheet: str = "Sheet1"
    dates: str = "%Y/%m/%d"
    preface: tuple[tuple[str, ...], ...] = ()
    columns: tuple[tuple[str, Cell], ...] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    widths: Mapping[str, int] = field(default_factory=dict)
    address: AddressBudget | None = None
    recipient: AddressBudget | None = None
    required: tuple[str, ...] = ()
    rows: str = "parcel"  # of notices: one row a parcel, or one a line
    plain: tuple[str, ...] = ()  # fields written in digits only

    @property
    def headers(self) -> list[str]:
        """Return the columns' names in their order."""
        return [header for header, _cell in self.columns]

    def says(self, name: str) -> bool:
        """Tell whether any column tells this field."""
        return any(cell.name == name for _header, cell in self.columns)

    def word(self, name: str, value: str) -> str | None:
        """Return how the reader of the file writes a value of ours; None when it knows no such thing."""
        words = self.values.get(name)
        return value if words is None else words.get(value)


def read_definition(source: str) -> OutDefinition:
    """Return the definition that a TOML text holds; InvalidInput saying what is wrong with it."""
    try:
        written = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(_("This is no TOML: %(problem)s") % {"problem": error}) from error
    _check(written)
    kind = FormatKind(written["kind"])
    known = CARRIER_FIELDS if kind == FormatKind.CARRIER else CHANNEL_FIELDS
    columns = tuple((str(header), _cell(str(says), known)) for header, says in written["columns"])
    return OutDefinition(
        code=str(written["code"]),
        version=str(written["version"]),
        name=str(written["name"]),
        kind=kind,
        belongs_to=str(written.get("belongs_to", "")),
        file=written.get("file", "csv"),
        encoding=written.get("encoding", "utf-8"),
        newline=NEWLINES[written.get("newline", "crlf")],
        quoting=written.get("quoting", "minimal"),
        has_header=bool(written.get("has_header", True)),
        sheet=str(written.get("sheet", "Sheet1")),
        dates=str(written.get("dates", "%Y/%m/%d")),
        preface=tuple(tuple(map(str, row)) for row in written.get("preface", ())),
        columns=columns,
        values={name: dict(words) for name, words in written.get("values", {}).items()},
        widths=dict(written.get("widths", {})),
        address=read_budget(_budget(written, "address")) if "address" in written else None,
        recipient=read_budget(_budget(written, "recipient")) if "recipient" in written else None,
        required=tuple(written.get("required", ())),
        rows=str(written.get("rows", "parcel")),
        plain=tuple(written.get("plain", ())),
    )


def _budget(written: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an address's lines as ``read_budget`` takes them; ``widths`` is the short way to write them."""
    told = dict(written[name])
    widths: Sequence[int] = told.pop("widths", ())
    lines = [{"column": str(place), "width": width} for place, width in enumerate(widths, 1)]
    return {"measure": "columns", "encoding": written.get("encoding", "utf-8"), "lines": lines, **told}


def _cell(says: str, known: frozenset[str]) -> Cell:
    if not says or says.startswith("="):
        return Cell(constant=says[1:])
    name, _colon, part = says.partition(":")
    if name not in known:
        raise InvalidInput(_("No column can say “%(name)s”.") % {"name": name})
    return Cell(name=name, part=part)


def _check(written: Mapping[str, Any]) -> None:
    missing = [name for name in ("code", "version", "name", "kind", "columns") if not written.get(name)]
    if missing:
        raise InvalidInput(_("The definition lacks: %(names)s.") % {"names": ", ".join(missing)})
    if unknown := sorted(set(written) - _TOP):
        raise InvalidInput(_("The definition knows no: %(names)s.") % {"names": ", ".join(unknown)})
    choices = {
        "kind": FormatKind.values,
        "file": FILES,
        "quoting": QUOTING,
        "newline": tuple(NEWLINES),
        "rows": ("parcel", "line"),
    }
    for name, allowed in choices.items():
        if name in written and written[name] not in allowed:
            words = {"name": name, "choices": ", ".join(allowed)}
            raise InvalidInput(_("“%(name)s” is one of: %(choices)s.") % words)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in written["columns"]):
        raise InvalidInput(_("Each column is a pair: its name, and what it says."))
    try:
        "".encode(written.get("encoding", "utf-8"))
    except LookupError as error:
        raise InvalidInput(_("There is no encoding called “%(encoding)s”.") % written) from error
