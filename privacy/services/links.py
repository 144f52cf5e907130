"""The link by which somebody ends being written to: signed, without a login, for one purpose and channel."""

from django.contrib.contenttypes.models import ContentType
from django.core.signing import BadSignature, Signer
from django.db.models import Model

from privacy.models import Channel, ConsentSource, Purpose
from privacy.services.consenting import withdraw_consents

_SALT = "privacy.withdrawal"


def withdrawal_token(*, model: type[Model], subject_id: int, purpose: Purpose, channel: Channel) -> str:
    """Return the token of a link that never ends: a right to withdraw does not either."""
    subject_type = ContentType.objects.get_for_model(model)
    return Signer(salt=_SALT).sign_object([subject_type.pk, subject_id, purpose.value, channel.value])


def read_withdrawal_token(token: str) -> tuple[type[Model], int, Purpose, Channel] | None:
    """Return whom the link is of, and what it ends; None for one that we did not sign."""
    try:
        type_id, subject_id, purpose, channel = Signer(salt=_SALT).unsign_object(token)
        model = ContentType.objects.get_for_id(type_id).model_class()
    except (BadSignature, ValueError, ContentType.DoesNotExist):
        return None
    return (model, subject_id, Purpose(purpose), Channel(channel)) if model else None


def withdraw_by_link(*, token: str) -> int | None:
    """End what the link is about, by day and by night; how many consents ended, None for a link that is not ours."""
    found = read_withdrawal_token(token)
    if found is None:
        return None
    model, subject_id, purpose, channel = found
    return withdraw_consents(
        model=model, subject_id=subject_id, purpose=purpose, channel=channel, source=ConsentSource.LINK
    )
