"""The locked value of an identity and the digest by which it is found; `lock_identities` fills them in batches."""

from django.db import migrations, models

import privacy.locking


class Migration(migrations.Migration):
    """Two columns with a constant default: nothing is rewritten."""

    dependencies = [
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="sealed",
            field=privacy.locking.LockedTextField(db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="identity",
            name="digest",
            field=models.CharField(db_default="", default="", editable=False, max_length=32),
        ),
    ]
