"""Webhooks as screens show them: never with the whole address or the signing secret."""

from dataclasses import dataclass
from datetime import datetime

from staff.adapters.webhooks import masked
from staff.models import Webhook, WebhookKind


@dataclass(frozen=True)
class OwnWebhook:
    """One address of a person's own."""

    id: int
    name: str
    kind: str
    address: str  # masked
    is_active: bool
    last_error: str
    last_sent_at: datetime | None

    @property
    def kind_label(self) -> str:
        """Return the kind as people call it."""
        return str(WebhookKind(self.kind).label)

    @property
    def is_signed(self) -> bool:
        """Tell whether its messages carry a signature."""
        return self.kind == WebhookKind.JSON


def own_webhooks(user_id: int) -> list[OwnWebhook]:
    """Return the person's own addresses."""
    return [_shown(row) for row in Webhook.objects.filter(user=user_id)]


def own_webhook(user_id: int, webhook_id: int) -> OwnWebhook | None:
    """Return one address of the person's own, None for what is not there or another's."""
    row = Webhook.objects.filter(user=user_id, pk=webhook_id).first()
    return _shown(row) if row else None


def _shown(row: Webhook) -> OwnWebhook:
    return OwnWebhook(row.pk, row.name, row.kind, masked(row.url), row.is_active, row.last_error, row.last_sent_at)
