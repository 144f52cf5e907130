"""Files of messages: kept privately under names that nobody guesses, their type known by their bytes."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.files import register_files
from service.models import Attachment, Message
from staff.adapters.file_types import sniff
from staff.adapters.names import safe_name
from staff.models import User

MOST_FILES = 10
LARGEST = 10 * 1024 * 1024
NEVER_SENT = frozenset({"program", "html", "svg"})


@dataclass(frozen=True, kw_only=True)
class GivenFile:
    """A file as it came: its name is a claim, its bytes are the truth."""

    name: str
    content: bytes
    content_id: str = ""  # of a picture that the layout shows


def check_sendable(files: Sequence[GivenFile]) -> None:
    """Raise InvalidInput for what we do not send: too many, too large, programs and pages."""
    if len(files) > MOST_FILES:
        raise InvalidInput(_("An answer takes at most %(count)s files.") % {"count": MOST_FILES})
    for file in files:
        if not 0 < len(file.content) <= LARGEST:
            raise InvalidInput(_("“%(name)s” is empty or larger than 10 MB.") % {"name": safe_name(file.name)})
        if sniff(file.content) in NEVER_SENT:
            raise InvalidInput(
                _("“%(name)s” is a program or a page. Send a picture or a PDF.") % {"name": safe_name(file.name)}
            )


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


def _may_read(user: User, path: str) -> bool:
    # what came as it came may hold anything of anybody: only who directs looks at it
    wanted = "service.direct_ticket" if path.startswith("tickets/raw/") else "service.view_ticket"
    return user.has_perm(wanted)


# all are downloads: nothing that an outsider sent is shown in our pages
register_files("tickets", _may_read, name_of=lambda path: path.rpartition("/")[2])
