"""Commands that must not run twice: the answer is kept under the caller's key."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError
from core.models import CommandKey


def answer_of(*, key: str) -> Any:
    """Return what an ended command answered under ``key``, None when there is none; its refusal is raised again."""
    row = CommandKey.objects.filter(pk=key).first()
    if row is None:
        return None
    if row.refusal:
        raise DomainError(row.refusal)
    return row.result["value"] if row.result else None


def once(*, key: str, parameters: Mapping[str, Any], run: Callable[[], Any]) -> Any:
    """Run the command unless ``key`` was used before; return its JSON-friendly result, the first for a repeated key.

    1. The key row is inserted first, so a concurrent twin waits for the first to end.
    2. The command runs in a savepoint; a refusal (DomainError) is kept and answered again, a bug keeps nothing.
    3. Conflict when the key comes back with other parameters.
    """
    fingerprint = hashlib.sha256(json.dumps(parameters, sort_keys=True, default=str).encode()).hexdigest()
    with transaction.atomic():
        CommandKey.objects.bulk_create([CommandKey(key=key, fingerprint=fingerprint)], ignore_conflicts=True)
        row = CommandKey.objects.select_for_update().get(pk=key)
        if row.fingerprint != fingerprint:
            raise Conflict(_("This request was already sent with other content. Reload the page and try again."))
        if row.result is not None:
            return row.result["value"]
        refusal = DomainError(row.refusal) if row.refusal else None
        if refusal is None:
            try:
                with transaction.atomic():
                    row.result = {"value": run()}
            except DomainError as error:
                refusal, row.refusal = error, str(error)
            row.save(update_fields=["result", "refusal"])
    if refusal is not None:
        raise refusal
    return row.result["value"] if row.result else None
