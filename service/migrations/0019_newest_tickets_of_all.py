"""The newest tickets are found by an index where merged ones are listed too; it replaces the one that left them out."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The new index first, so that no list is without one."""

    atomic = False
    dependencies = [("service", "0018_ticket_sender_phone")]
    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(fields=["-last_message_at", "-id"], name="service_ticket_newest"),
        ),
        RemoveIndexConcurrently(model_name="ticket", name="service_ticket_latest"),
    ]
