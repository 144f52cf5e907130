"""What is known of a person, as a file for them."""

import io
import json
import zipfile
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidTransition, NotAllowed
from core.taking import note_file_taken
from privacy.models import Access, AccessKind, AccessReason, DataRequest, RequestKind, RequestState
from privacy.policies import can_answer_requests
from privacy.records import record_classes
from privacy.selectors.consents import consents_of
from staff.models import User


@transaction.atomic
def bundle_for_person(*, request_id: int, address: str, actor: User) -> bytes:
    """Return a ZIP of everything that registered classes hold of the person: data.json, and index.html to read.

    The look is in the log, the file in the download register. NotAllowed without
    the right; InvalidTransition unless access was asked for and is open.
    """
    request = DataRequest.objects.select_related("subject_type").get(pk=request_id)
    if not can_answer_requests(actor):
        raise NotAllowed(_("You may not answer requests about personal data."))
    if request.kind != RequestKind.ACCESS or request.state != RequestState.OPEN:
        raise InvalidTransition(_("A bundle is made for an open request for access."))
    Access.objects.create(
        kind=AccessKind.BUNDLE,
        actor=actor,
        address=address[:45],
        subject_type=request.subject_type,
        subject_id=request.subject_id,
        subject_label=request.subject_label,
        what=request.number,
        reason=AccessReason.REQUEST,
        note=request.number,
    )
    parts = _parts(request)
    note_file_taken(
        subject=request,
        table=_("Bundle for the person"),
        rows=sum(len(part["rows"]) for part in parts),
        columns=[part["key"] for part in parts if part["rows"]],
        whose=[request.subject_id],
        reason=request.number,
        address=address,
        actor=actor,
    )
    return _zipped(request, parts)


def _parts(request: DataRequest) -> list[dict[str, Any]]:
    model = request.subject_type.model_class()
    if model is None:
        return []
    parts = [
        {"key": one.key, "title": str(one.label), "rows": one.collect(request.subject_id)}
        for one in record_classes(model)
    ]
    consents = [
        {
            "purpose": one.purpose,
            "channel": one.channel,
            "at_night": one.is_night,
            "act": one.event.act,
            "said": one.event.happened_at,
            "text_version": one.event.text_version,
            "source": one.event.source,
        }
        for one in consents_of(model=model, subject_id=request.subject_id)
    ]
    return [*parts, {"key": "consents", "title": _("Consents"), "rows": consents}]


def _zipped(request: DataRequest, parts: list[dict[str, Any]]) -> bytes:
    data = {"request": request.number, "made_at": timezone.now(), "records": {p["key"]: p["rows"] for p in parts}}
    page = render_to_string("privacy/bundle.html", {"request": request, "parts": parts, "made_at": timezone.now()})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder))
        archive.writestr("index.html", page)
    return file.getvalue()
