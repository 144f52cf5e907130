"""Indexes of locked identities, made while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table stays writable meanwhile."""

    atomic = False

    dependencies = [
        ("customers", "0002_locked_identities"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="identity",
            index=models.Index(
                condition=models.Q(("digest", ""), _negated=True), fields=["digest"], name="customers_identity_digest"
            ),
        ),
        AddIndexConcurrently(
            model_name="identity",
            index=models.Index(condition=models.Q(("digest", "")), fields=["id"], name="customers_identity_unlocked"),
        ),
    ]
