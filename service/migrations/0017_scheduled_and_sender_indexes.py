"""What is to leave later, and what one address wrote, are found without reading whole tables; nobody waits meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two indexes."""

    atomic = False
    dependencies = [("service", "0016_chat_answers_unseen")]
    operations = [
        AddIndexConcurrently(
            model_name="outgoing",
            index=models.Index(
                condition=models.Q(("attempts", 0), ("state", "owed")),
                fields=["due_at"],
                name="service_outgoing_scheduled",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(fields=["sender_address", "-last_message_at", "-id"], name="service_ticket_sender"),
        ),
    ]
