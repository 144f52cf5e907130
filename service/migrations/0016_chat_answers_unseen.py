"""Answers that stand in a chat are found by the moment they were sent; the index is made while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table stays writable meanwhile."""

    atomic = False

    dependencies = [
        ("service", "0015_who_gets_what"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="outgoing",
            index=models.Index(
                condition=models.Q(("state", "sent"), ("way", "chat")), fields=["sent_at"],
                name="service_outgoing_in_chat",
            ),
        ),
    ]  # fmt: skip
