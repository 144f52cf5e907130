"""The list of what is due, built without stopping those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """One partial index."""

    atomic = False
    dependencies = [("service", "0004_answer_terms")]
    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False), ("merged_into", None)),
                fields=["due_at", "id"],
                name="service_ticket_due",
            ),
        ),
    ]
