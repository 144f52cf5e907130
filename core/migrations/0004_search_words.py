"""Words of search texts, among which words are sought that resemble a mistyped one."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_people")]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=40, verbose_name="app")),
                ("word", models.CharField(max_length=40, verbose_name="word")),
                ("alike", models.CharField(max_length=160)),
                ("letters", models.CharField(max_length=160)),
            ],
            options={
                "verbose_name": "search word",
                "verbose_name_plural": "search words",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["subject", "word"], name="core_searchword_word"),
                    models.Index(fields=["subject", "letters"], name="core_searchword_letters"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(models.F("alike"), name="gin_trgm_ops"),
                        name="core_searchword_alike",
                    ),
                ],
            },
        ),
    ]
