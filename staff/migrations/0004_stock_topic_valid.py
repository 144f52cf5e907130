"""Every notification has one of the topics: proved without blocking those who write them."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("staff", "0003_stock_topic")]
    operations = [ValidateConstraint(model_name="notification", name="staff_notification_topic_valid")]
