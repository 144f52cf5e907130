"""The phone that somebody called from stays with the ticket; whoever is known by nothing else is found by it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a default that the catalogue holds, so that no row is rewritten; an index that blocks nobody."""

    atomic = False
    dependencies = [("service", "0017_scheduled_and_sender_indexes")]
    operations = [
        migrations.AddField(
            model_name="ticket",
            name="sender_phone",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="sender’s phone"),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("sender_phone", ""), _negated=True),
                fields=["sender_phone"],
                name="service_ticket_sender_phone",
            ),
        ),
    ]
