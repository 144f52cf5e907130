"""What days with sales look like, where demand comes in lumps."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the column with a default: no row is rewritten."""

    dependencies = [("purchasing", "0026_service_levels")]

    operations = [
        migrations.AddField(
            model_name="forecast",
            name="sizes",
            field=models.JSONField(blank=True, default=dict, verbose_name="pieces of a day with sales"),
        )
    ]
