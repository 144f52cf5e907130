"""A mapping as a person fills it in: from the posted form to a definition, and back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.imports.definitions import Definition
from core.imports.headers import normal
from core.imports.reading import definition_of, setting_of, suggest_fields
from core.imports.screens import screen_of
from core.imports.shaping import Shaper
from core.imports.targets import Kind, Target, target_of
from core.models import ImportBatch

RULE_ROWS = 6
WORDS_SHOWN = 24
DATE_ORDERS = {
    "": (),
    "day": (
        "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y",
    ),
    "month": ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%m-%d-%Y %H:%M", "%m-%d-%Y"),
}  # fmt: skip
KEPT = ("ignored", "required", "carries_document", "encoding", "dates")
MATCHES = {"is": "^(?:{})$", "begins": "^(?:{})", "contains": "(?:{})"}


@dataclass
class Given:
    """What the form holds now."""

    columns: dict[int, str] = field(default_factory=dict)  # place of the column -> field
    fixed: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)  # field -> word in the file -> value
    rules: list[dict[str, str]] = field(default_factory=list)
    dates: str = ""
    time_zone: str = ""


def posted(data: Mapping[str, str], batch: ImportBatch) -> Given:
    """Read the posted form."""
    given = Given(dates=data.get("dates", ""), time_zone=data.get("time_zone", "").strip())
    for place in range(len(batch.columns)):
        if name := data.get(f"column-{place}", ""):
            given.columns[place] = name
    for name in screen_of(batch.target).fixed:
        if value := data.get(f"fixed-{name}", "").strip():
            given.fixed[name] = value
    for key, word in data.items():
        found = re.fullmatch(r"word-(\w+)-(\d+)", key)
        if found and (value := data.get(f"means-{found[1]}-{found[2]}", "")):
            given.words.setdefault(found[1], {})[word] = value
    given.rules = [rule for number in range(RULE_ROWS) if (rule := _posted_rule(data, number))]
    return given


def _posted_rule(data: Mapping[str, str], number: int) -> dict[str, str]:
    rule = {part: data.get(f"rule-{number}-{part}", "").strip() for part in ("column", "match", "text", "means")}
    return rule if rule["text"] or rule["means"] else {}


def definition_from(given: Given, batch: ImportBatch) -> dict[str, Any]:
    """Return the definition that the engine reads.

    Columns given to the same field are tried in the file's order. What the form cannot express (joined columns, rules
    of a delivered format, columns known to be unused) stays as the present definition has it.
    """
    present = definition_of(batch)
    written = dict(present.raw)
    definition: dict[str, Any] = {key: written[key] for key in KEPT if key in written}
    definition["fields"] = _fields(given, batch, present)
    offered = screen_of(batch.target).fixed
    kept = {name: value for name, value in present.constants.items() if name not in offered}
    definition["constants"] = {**kept, **given.fixed}
    definition["personal"] = [
        batch.columns[p] for p, name in sorted(given.columns.items()) if _is_personal(batch, name)
    ]
    form = dict(written.get("form", {}))
    kept_rules = form.get("kept_rules", [] if form else list(written.get("rules", [])))
    own_rules = [rule for rule in (_rule(row, given, batch) for row in given.rules) if rule]
    definition["rules"] = [*kept_rules, *own_rules]
    definition["values"] = {**dict(written.get("values", {})), **given.words}
    if given.dates or form.get("dates"):
        definition["dates"] = list(DATE_ORDERS.get(given.dates, ()))
    definition["time_zone"] = given.time_zone
    definition["form"] = {"rules": given.rules, "dates": given.dates, "kept_rules": kept_rules}
    return {key: value for key, value in definition.items() if value}


def _fields(given: Given, batch: ImportBatch, present: Definition) -> dict[str, Any]:
    """Return field -> source; a field whose columns nobody touched keeps the source it had.

    The form shows one field a column. Where a format reads one column into several fields, those not shown stay too, as
    long as the column keeps what it showed.
    """
    written = dict(present.raw).get("fields", {})
    shown = stored(batch).columns
    before, now = _places(shown), _places(given.columns)
    fields: dict[str, Any] = {}
    for name, places in now.items():
        if name in written and before.get(name) == places:
            fields[name] = written[name]
        else:
            names = [batch.columns[place] for place in places]
            fields[name] = names[0] if len(names) == 1 else names
    for name, placed in present.place(batch.columns).items():
        untouched = all(given.columns.get(place) == shown.get(place) for place in placed.places)
        if name not in before and name not in fields and untouched:
            fields[name] = written[name]
    return fields


def _places(columns: Mapping[int, str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, name in sorted(columns.items()):
        places.setdefault(name, []).append(place)
    return places


def _is_personal(batch: ImportBatch, name: str) -> bool:
    return any(f.name == name and f.is_personal for f in target_of(batch.target).fields)


def _rule(row: Mapping[str, str], given: Given, batch: ImportBatch) -> dict[str, Any] | None:
    place = int(row["column"]) if row["column"].isdecimal() else -1
    name = given.columns.get(place, "")
    meaning = next((m for m in screen_of(batch.target).meanings if m.key == row["means"]), None)
    words = [re.escape(word.strip()) for word in row["text"].split(",") if word.strip()]
    if not (name and words and meaning and row["match"] in MATCHES):
        return None
    rule: dict[str, Any] = {"when": {name: MATCHES[row["match"]].format("|".join(words))}}
    if meaning.refuse:
        rule["refuse"] = meaning.refuse
    else:
        rule["set"] = {meaning.field: meaning.value}
    return rule


def stored(batch: ImportBatch) -> Given:
    """Return the form as it stands: the batch's own mapping, its format's, or what the column names suggest."""
    definition = definition_of(batch)
    given = Given(fixed=dict(definition.constants), time_zone=definition.time_zone)
    placed = definition.place(batch.columns)
    for name, source in placed.items():
        for place in source.places:
            given.columns.setdefault(place, name)
    if not placed:
        places = {column: place for place, column in enumerate(batch.columns)}
        suggested = suggest_fields(target_of(batch.target), batch.columns)
        given.columns = {places[column]: name for name, column in suggested.items()}
    written = dict(definition.raw)
    kept = written.get("form", {})
    given.words = {name: dict(words) for name, words in written.get("values", {}).items()}
    given.rules = list(kept.get("rules", []))
    given.dates = kept.get("dates", "")
    return given


@dataclass(frozen=True, kw_only=True)
class WordTable:
    """The words of one column of choices, for a person to say what they mean."""

    field: str
    label: Any
    column: str
    choices: Sequence[tuple[str, Any]]
    words: Sequence[tuple[int, str, str]]  # number, word in the file, chosen value


def word_tables(given: Given, batch: ImportBatch, samples: Sequence[Sequence[str]]) -> list[WordTable]:
    """Return the words found in the first rows of columns that hold choices."""
    target = target_of(batch.target)
    tables = []
    for place, name in sorted(given.columns.items()):
        wanted = next((f for f in target.fields if f.name == name and f.kind == Kind.CHOICE and f.choices), None)
        if wanted is None or wanted.choices is None:
            continue
        found = dict.fromkeys(row[place].strip() for row in samples if place < len(row) and row[place].strip())
        known = {normal(word): value for word, value in given.words.get(name, {}).items()}
        words = [
            (number, word, known.get(normal(word), word if word in wanted.choices.values else ""))
            for number, word in enumerate(list(found)[:WORDS_SHOWN])
        ]
        tables.append(
            WordTable(
                field=name, label=wanted.label, column=batch.columns[place], choices=wanted.choices.choices, words=words
            )
        )
    return tables


@dataclass(frozen=True, kw_only=True)
class Check:
    """What is still missing or doubtful in a mapping."""

    missing: Sequence[str]
    unused: Sequence[str]
    doubled: Sequence[str]

    @property
    def is_complete(self) -> bool:
        """Tell whether the file can be imported with it."""
        return not self.missing


def check(given: Given, batch: ImportBatch) -> Check:
    """Look at a mapping without keeping it."""
    target = target_of(batch.target)
    definition = Definition.of(definition_from(given, batch))
    shaper = Shaper(target=target, definition=definition, columns=batch.columns, setting=setting_of(batch))
    labels = {f.name: str(f.label) for f in target.fields}
    columns = dict(definition.raw).get("fields", {})
    several = [name for name, source in columns.items() if isinstance(source, list)]
    return Check(
        missing=[labels.get(name, name) for name in shaper.missing()],
        unused=[column for place, column in enumerate(batch.columns) if place not in given.columns],
        doubled=[labels.get(name, name) for name in several],
    )


def field_groups(target: Target) -> list[tuple[str, list[Any]]]:
    """Return the fields in groups: needed, of the document, of the row, of persons."""
    needed = [f for f in target.fields if f.is_required]
    rest = [f for f in target.fields if not f.is_required]
    return [
        ("needed", needed),
        ("row", [f for f in rest if not f.is_document]),
        ("document", [f for f in rest if f.is_document and not f.is_personal]),
        ("person", [f for f in rest if f.is_personal]),
    ]
