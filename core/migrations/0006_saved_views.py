"""Searches that people keep as tabs of a list."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_table_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=100, verbose_name="table")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("query", models.CharField(max_length=1000, verbose_name="search")),
                ("is_shared", models.BooleanField(default=False, verbose_name="for everybody")),
                ("rank", models.PositiveSmallIntegerField(default=100, verbose_name="rank")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="saved"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["rank", "id"],
                "permissions": [("share_savedview", "Can share saved views with everybody")],
                "default_permissions": (),
                "indexes": [models.Index(fields=["model", "rank", "id"], name="core_savedview_model")],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "model", "name"), name="core_savedview_name"),
                    models.CheckConstraint(
                        condition=models.Q(("query", ""), _negated=True), name="core_savedview_has_query"
                    ),
                ],
            },
        ),
    ]
