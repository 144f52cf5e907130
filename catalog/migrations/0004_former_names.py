"""Former names of products, and what products are called now; the words of all products for similar words.

Nothing is locked but the new tables: products are only read, in one pass per statement.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

NAMES = """
INSERT INTO catalog_productnames (product_id, names, skus)
SELECT p.id,
       ARRAY[p.code::text, p.name::text]
       || ARRAY(SELECT title::text FROM catalog_producttext WHERE product_id = p.id ORDER BY language),
       coalesce((SELECT jsonb_object_agg(id::text, sku) FROM catalog_variant WHERE product_id = p.id), '{}')
FROM catalog_product p
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_media")]

    operations = [
        migrations.CreateModel(
            name="ProductNames",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="catalog.product",
                    ),
                ),
                ("names", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("skus", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "names of a product",
                "verbose_name_plural": "names of products",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FormerName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=255, verbose_name="name")),
                (
                    "until",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="until"),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_names",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_skus",
                        to="catalog.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "former name",
                "verbose_name_plural": "former names",
                "ordering": ["-until", "-id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("product", "variant", "text"), name="catalog_formername_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="catalog_formername_given"
                    ),
                ],
            },
        ),
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
    ]
