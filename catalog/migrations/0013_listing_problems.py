"""Live listings know what speaks against them: a constant default, so that no row is written."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalog", "0016_price_runs")]

    operations = [
        migrations.AddField(
            model_name="listing",
            name="problems",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), db_default=[], default=list, editable=False, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=Q(("state", "live"), Q(("problems", []), _negated=True)),
                fields=["product"],
                name="catalog_listing_problems",
            ),
        ),
    ]
