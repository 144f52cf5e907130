"""Files of messages: kept privately under names that nobody guesses, their type known by their bytes."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from service.events import AnswerFileKept
from service.models import AnswerFile, AnswerFileVersion, Attachment, Message
from staff.adapters.file_types import sniff
from staff.adapters.names import safe_name
from staff.models import Language, User

MOST_FILES = 10
LARGEST = 10 * 1024 * 1024
NEVER_SENT = frozenset({"program", "html", "svg"})


@dataclass(frozen=True, kw_only=True)
class GivenFile:
    """A file as it came: its name is a claim, its bytes are the truth."""

    name: str
    content: bytes
    content_id: str = ""  # of a picture that the layout shows


@dataclass(frozen=True)
class KeptFile:
    """A file that the team keeps, by its id; it goes along in the ticket's language."""

    id: int


def given_files(files: Sequence[GivenFile | KeptFile]) -> list[GivenFile]:
    """Return those that somebody gave just now."""
    return [file for file in files if isinstance(file, GivenFile)]


def kept_ids_of(files: Sequence[GivenFile | KeptFile]) -> list[int]:
    """Return the ids of those that the team keeps."""
    return [file.id for file in files if isinstance(file, KeptFile)]


def check_sendable(files: Sequence[GivenFile | KeptFile]) -> None:
    """Raise InvalidInput for what we do not send: too many, too large, programs and pages."""
    if len(files) > MOST_FILES:
        raise InvalidInput(_("An answer takes at most %(count)s files.") % {"count": MOST_FILES})
    for file in given_files(files):
        if not 0 < len(file.content) <= LARGEST:
            raise InvalidInput(_("“%(name)s” is empty or larger than 10 MB.") % {"name": safe_name(file.name)})
        if sniff(file.content) in NEVER_SENT:
            raise InvalidInput(
                _("“%(name)s” is a program or a page. Send a picture or a PDF.") % {"name": safe_name(file.name)}
            )


def kept_versions(file_ids: Sequence[int], language: str) -> list[AnswerFileVersion]:
    """Return the team's files in a language, in their order; InvalidInput names what has none in it."""
    wanted = list(dict.fromkeys(file_ids))
    files = {row.pk: row for row in AnswerFile.objects.filter(pk__in=wanted, is_active=True)}
    rows = AnswerFileVersion.objects.filter(answer_file__in=files, language=language)
    found = {row.answer_file_id: row for row in rows}
    missing = [str(files.get(pk, "–")) for pk in wanted if pk not in found]
    if missing:
        raise InvalidInput(
            _("No file in %(language)s: %(names)s.")
            % {"language": Language(language).label, "names": ", ".join(missing)}
        )
    return [found[pk] for pk in wanted]


def send_along(message: Message, versions: Sequence[AnswerFileVersion]) -> None:
    """Attach files that the team keeps to a message: the stored file itself, which stays when it is replaced."""
    for one in versions:
        Attachment.objects.create(
            message=message,
            file=one.file.name,
            filename=one.filename,
            kind=one.kind,
            size_bytes=one.size_bytes,
            sha256=one.sha256,
        )


@transaction.atomic
def keep_answer_file(*, answer_file_id: int, language: str, file: GivenFile, actor: User) -> AnswerFileVersion:
    """Put a file in that answers take along in one language, in the place of the former one, and return it.

    InvalidInput for what we do not send: empty, too large, programs and pages; NotAllowed without the right.
    """
    if not actor.has_perm("service.change_answerfile"):
        raise NotAllowed(_("Only who directs customer service may do this."))
    check_sendable([file])
    kept = AnswerFile.objects.select_for_update().filter(pk=answer_file_id).first()
    if kept is None or language not in Language.values:
        raise InvalidInput(_("There is no such file. Reload the page."))
    row = AnswerFileVersion.objects.filter(answer_file=kept, language=language).first()
    row = row or AnswerFileVersion(answer_file=kept, language=language)
    row.filename, row.kind, row.size_bytes = safe_name(file.name), sniff(file.content), len(file.content)
    row.sha256 = hashlib.sha256(file.content).hexdigest()
    row.file.save(f"{uuid.uuid4().hex}/{row.filename}", ContentFile(file.content), save=False)
    row.save()
    record(AnswerFileKept(language=language, sha256=row.sha256), subject=kept, actor=actor)
    return row


def keep_files(message: Message, files: Sequence[GivenFile]) -> None:
    """Keep the files of a message; an empty one is left out."""
    for file in files:
        if not file.content:
            continue
        name = safe_name(file.name)
        attachment = Attachment(
            message=message,
            filename=name,
            kind=sniff(file.content),
            size_bytes=len(file.content),
            sha256=hashlib.sha256(file.content).hexdigest(),
            content_id=file.content_id[:255],
        )
        attachment.file.save(f"{uuid.uuid4().hex}/{name}", ContentFile(file.content), save=False)
        attachment.save(force_insert=True)
