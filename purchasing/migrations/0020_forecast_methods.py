"""Two more methods of forecasts, how far demand was read, and the right to have forecasts made at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0013_listing_problems"),
        ("purchasing", "0010_sending"),
    ]

    operations = [
        migrations.CreateModel(
            name="DemandProgress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=20, unique=True, verbose_name="source")),
                ("event_id", models.BigIntegerField(default=0, verbose_name="last event")),
            ],
            options={
                "verbose_name": "progress of demand",
                "verbose_name_plural": "progress of demand",
            },
        ),
        migrations.AlterModelOptions(
            name="forecast",
            options={
                "permissions": [("make_forecasts", "Can have forecasts made now")],
                "verbose_name": "forecast",
                "verbose_name_plural": "forecasts",
            },
        ),
        migrations.RemoveConstraint(
            model_name="forecast",
            name="purchasing_forecast_method_valid",
        ),
        migrations.AlterField(
            model_name="forecast",
            name="method",
            field=models.CharField(
                choices=[
                    ("none", "Not enough data"),
                    ("combined", "Mean of several methods"),
                    ("naive", "As last season"),
                    ("average", "Moving average"),
                    ("median", "Moving median"),
                    ("croston", "Croston"),
                    ("tsb", "TSB"),
                    ("smoothing", "Exponential smoothing"),
                    ("theta", "Theta"),
                ],
                max_length=12,
                verbose_name="method",
            ),
        ),
        migrations.AddConstraint(
            model_name="forecast",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "method__in",
                        ["none", "combined", "naive", "average", "median", "croston", "tsb", "smoothing", "theta"],
                    )
                ),
                name="purchasing_forecast_method_valid",
            ),
        ),
    ]
