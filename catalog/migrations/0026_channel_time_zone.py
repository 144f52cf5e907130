"""The time zone of a channel has to exist: a check of forms and files, the table stays as it is."""

from django.db import migrations, models

import staff.models.people


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_listing_problems")]

    operations = [
        migrations.AlterField(
            model_name="saleschannel",
            name="time_zone",
            field=models.CharField(
                default="Asia/Seoul",
                help_text="Dates in its files are in this zone.",
                max_length=50,
                validators=[staff.models.people.validate_time_zone],
                verbose_name="time zone",
            ),
        ),
    ]
