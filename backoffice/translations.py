"""Messages of our own code, and of the libraries that come without Korean or Japanese, in our own catalogs.

Pure Python: the gettext programs need not be installed. Babel reads Python, Django's own tokenizer turns templates into
something that Babel reads. The catalogs keep file names without lines, so that moving code changes no catalog.
"""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

# Django itself is complete in both languages; these are not, and people see their words.
LIBRARIES = ("unfold", "import_export", "django_filters", "django_celery_beat", "axes")
COMPLETE = (
    "django.conf",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
)
SKIPPED = {"tests", "migrations", "benchmarks", "var", "docs"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sd]|\{\w*")  # after a name in braces its format may differ
# header lines that change with every run or say nothing
_NOISE = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Project-Id-Version'
    rb"|Report-Msgid-Bugs-To):.*\n",
    re.MULTILINE,
)
Key = tuple[str | None, str]


def languages() -> list[str]:
    """Return the languages that need a catalog: all but the one the code is written in."""
    return [code for code, _ in settings.LANGUAGES if code != "en"]


def catalog_path(language: str) -> Path:
    """Return where the catalog of a language stands."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def read_catalog(language: str) -> Catalog:
    """Return the catalog as it stands, an empty one when there is none yet."""
    path = catalog_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def wanted_messages() -> Catalog:
    """Return every message that needs a translation: ours, and the libraries' that lack one in any of the languages."""
    wanted = Catalog()
    for source in _sources(settings.BASE_DIR):
        _collect(source, source.relative_to(settings.BASE_DIR).as_posix(), wanted)
    known = [_known(language) for language in languages()]
    for message in _library_messages():
        if message.id and any(_key(message) not in translated for translated in known):
            wanted.add(message.id, locations=message.locations, context=message.context, flags=message.flags)
    return wanted


def update(language: str) -> tuple[int, int]:
    """Bring the catalog in line with the code and return how many messages came and went; translations stay.

    Nothing is guessed: a changed sentence comes without a translation instead of with an old one. Words of a library
    that the catalog puts better than the library itself stay as long as the library has them.
    """
    current, wanted = read_catalog(language), wanted_messages()
    theirs = {_key(message) for message in _library_messages()} | _known(language)
    messages = {_key(message): message for message in wanted if message.id}
    came = len(messages.keys() - {_key(message) for message in current})
    kept = {_key(message): message for message in current if message.id and _key(message) in theirs}
    merged = Catalog(locale=language, header_comment=current.header_comment, fuzzy=False)
    for key, message in sorted((kept | messages).items(), key=lambda item: (item[0][1], item[0][0] or "")):
        known = current.get(message.id, message.context)
        same = known is not None and _shape(known) == _shape(message)
        merged.add(
            message.id,
            known.string if known is not None and same else None,
            locations=sorted({(path, 1) for path, _ in message.locations}),
            flags=message.flags | (known.flags if known is not None and same else set()),
            auto_comments=known.auto_comments if known is not None else (),
            user_comments=known.user_comments if known is not None else (),
            context=key[0],
        )
    for message in merged:
        # Babel guesses a format from braces again, also where the catalog denies it; gettext believes the last flag
        message.flags -= {flag.removeprefix("no-") for flag in message.flags if flag.startswith("no-")}
    path, out = catalog_path(language), BytesIO()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_po(out, merged, width=120, include_lineno=False)
    path.write_bytes(_NOISE.sub(b"", out.getvalue()))
    went = {_key(message) for message in current if message.id} - {_key(message) for message in merged}
    return came, len(went)


def problems(language: str) -> list[str]:
    """Return one line for each message that is missing, untranslated, fuzzy, or whose placeholders differ."""
    current, found = read_catalog(language), []
    for message in wanted_messages():
        if not message.id:
            continue
        known = current.get(message.id, message.context)
        reason = _problem(message, known)
        if reason:
            place = message.locations[0][0] if message.locations else "?"
            found.append(f"{language}: {reason}: {_text(message)!r} ({place})")
    return sorted(found)


def _problem(wanted: Message, known: Message | None) -> str:
    if known is None or _shape(known) != _shape(wanted):
        return "not in the catalog (manage.py messages update)"
    strings = _strings(known)
    if not all(strings):
        return "not translated"
    if known.fuzzy:
        return "fuzzy"
    allowed = {frozenset(_PLACEHOLDER.findall(source)) for source in _shape(known)}
    if any(frozenset(_PLACEHOLDER.findall(string)) not in allowed for string in strings):
        return "placeholders differ"
    return ""


def _library_messages() -> Catalog:
    found = Catalog()
    for package in LIBRARIES:
        root = _package(package)
        for source in _sources(root):
            _collect(source, f"{package}/{source.relative_to(root).as_posix()}", found)
    return found


def _sources(root: Path) -> Iterator[Path]:
    installed = {Path(config.path) for config in apps.get_app_configs()}
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if inside[0] == "contrib" and len(inside) > 2 and root / inside[0] / inside[1] not in installed:
            continue  # a part of the library that this house does not use
        is_source = path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in inside)
        if is_source and not any(part in SKIPPED or part.startswith(".") for part in inside):
            yield path


def _collect(source: Path, name: str, into: Catalog) -> None:
    text = source.read_text(encoding="utf-8")
    if source.suffix != ".py":
        if "{%" not in text and "{{" not in text:
            return
        # the tokenizer of Python stumbles over the indentation of HTML
        text = "\n".join(line.strip() for line in templatize(text, origin=name).splitlines())
    readable = BytesIO(text.encode())
    for _line, ids, _comments, context in extract("python", readable, KEYWORDS, options={"encoding": "utf-8"}):
        flags = {"python-format"} if "%(" in (ids if isinstance(ids, str) else ids[0]) else set()
        into.add(ids, locations=[(name, 1)], flags=flags, context=context)


def _known(language: str) -> set[Key]:
    """Return what Django and the libraries themselves bring in this language."""
    found: set[Key] = set()
    for package in (*COMPLETE, *LIBRARIES):
        for path in _package(package).glob(f"locale/{language}*/LC_MESSAGES/django.mo"):
            if path.parts[-3] in {language, f"{language}_KR", f"{language}_JP"}:
                with path.open("rb") as file:
                    found |= {_key(m) for m in read_mo(file) if m.id and all(_strings(m))}
    return found


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LookupError(f"{name} is not installed")
    return Path(spec.origin).parent


def _strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string or "",)


def _text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _key(message: Message) -> Key:
    return (message.context, _text(message))


def _shape(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)
