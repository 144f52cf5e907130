"""Uploaded files are private: each is served only after the app that owns its folder said yes."""

import mimetypes
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

# Shown in the page; everything else is a download, so that nothing an outsider sent can run here.
INLINE = {"image/png", "image/jpeg", "image/webp", "image/gif"}

MayRead = Callable[[Any, str], bool]
NameOf = Callable[[str], str]
OnTaken = Callable[[HttpRequest, str], None]
_owners: dict[str, MayRead] = {}
_names: dict[str, NameOf] = {}
_tellings: dict[str, OnTaken] = {}


def register_files(
    folder: str, may_read: MayRead, *, name_of: NameOf | None = None, on_taken: OnTaken | None = None
) -> None:
    """Let ``may_read(user, path)`` decide on files below ``folder`` ("products"); a folder without owner is closed.

    With ``name_of(path)`` all files of the folder are downloads, pictures too, and called so.
    ``on_taken(request, path)`` is called before a file is given out: it keeps who took personal data.
    """
    _owners[folder] = may_read
    if name_of is not None:
        _names[folder] = name_of
    if on_taken is not None:
        _tellings[folder] = on_taken


def permission_reader(permission: str) -> MayRead:
    """Return a rule for files that everybody with ``permission`` may see."""
    return lambda user, _path: user.has_perm(permission)


@require_safe
@staff_member_required(login_url="admin:login")  # type: ignore[untyped-decorator]
def serve_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with the file, 403 without the right, 404 when it is not there or nobody owns its folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\x00" in name:
        raise Http404
    may_read = _owners.get(path.parts[0]) if path.parts else None
    if may_read is None:
        raise Http404
    if not may_read(request.user, name):
        raise PermissionDenied
    answer = _file(name, _names.get(path.parts[0]))
    telling = _tellings.get(path.parts[0])
    if telling is not None and request.method == "GET":
        telling(request, name)
    return answer


def _file(name: str, name_of: NameOf | None) -> FileResponse:
    try:
        handle = default_storage.open(name, "rb")
    except (FileNotFoundError, IsADirectoryError, SuspiciousFileOperation, OSError) as error:
        raise Http404 from error
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    inline = content_type in INLINE and name_of is None
    response = FileResponse(
        handle,
        as_attachment=not inline,
        filename=name_of(name) if name_of else PurePosixPath(name).name,
        content_type=content_type if inline else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # names are generated and never reused for other content
    response["Cache-Control"] = "private, max-age=31536000, immutable" if inline else "private, no-store"
    return response
