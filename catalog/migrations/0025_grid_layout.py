"""Each person's arrangement of the grid."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A new, small table."""

    dependencies = [
        ("catalog", "0006_search_words"),
        ("staff", "0002_tasks"),
    ]

    operations = [
        migrations.CreateModel(
            name="GridLayout",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("columns", models.JSONField(default=list, verbose_name="columns")),
                ("widths", models.JSONField(default=dict, verbose_name="widths")),
            ],
            options={
                "verbose_name": "layout of the grid",
                "verbose_name_plural": "layouts of the grid",
                "default_permissions": (),
            },
        ),
    ]
