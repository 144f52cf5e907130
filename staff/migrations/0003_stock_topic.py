"""Notifications about stock: the longer list of topics; the large table is checked by the next migration."""

import django.contrib.postgres.fields
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("staff", "0002_tasks"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notification",
            name="staff_notification_topic_valid",
        ),
        migrations.RemoveConstraint(
            model_name="notificationpreference",
            name="staff_preference_topic_valid",
        ),
        migrations.AlterField(
            model_name="notification",
            name="topic",
            field=models.CharField(
                choices=[
                    ("assigned", "A task is given to me"),
                    ("released", "A task is taken from me"),
                    ("review_asked", "My decision is asked"),
                    ("changes_requested", "Changes are requested of me"),
                    ("approved", "Work is approved"),
                    ("delivered", "Work is delivered"),
                    ("commented", "Somebody comments"),
                    ("changed", "Deadline or state of a task changes"),
                    ("due_soon", "Due in two working days"),
                    ("due_today", "Due today"),
                    ("overdue", "Overdue"),
                    ("unclaimed", "Nobody claims a task"),
                    ("stuck", "A task is stuck"),
                    ("stale", "A live picture is no longer true"),
                    ("rights_expire", "Usage rights expire"),
                    ("webhook_off", "A webhook is switched off"),
                    ("stock", "Stock needs attention"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="notificationpreference",
            name="topic",
            field=models.CharField(
                choices=[
                    ("assigned", "A task is given to me"),
                    ("released", "A task is taken from me"),
                    ("review_asked", "My decision is asked"),
                    ("changes_requested", "Changes are requested of me"),
                    ("approved", "Work is approved"),
                    ("delivered", "Work is delivered"),
                    ("commented", "Somebody comments"),
                    ("changed", "Deadline or state of a task changes"),
                    ("due_soon", "Due in two working days"),
                    ("due_today", "Due today"),
                    ("overdue", "Overdue"),
                    ("unclaimed", "Nobody claims a task"),
                    ("stuck", "A task is stuck"),
                    ("stale", "A live picture is no longer true"),
                    ("rights_expire", "Usage rights expire"),
                    ("webhook_off", "A webhook is switched off"),
                    ("stock", "Stock needs attention"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="webhook",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("assigned", "A task is given to me"),
                        ("released", "A task is taken from me"),
                        ("review_asked", "My decision is asked"),
                        ("changes_requested", "Changes are requested of me"),
                        ("approved", "Work is approved"),
                        ("delivered", "Work is delivered"),
                        ("commented", "Somebody comments"),
                        ("changed", "Deadline or state of a task changes"),
                        ("due_soon", "Due in two working days"),
                        ("due_today", "Due today"),
                        ("overdue", "Overdue"),
                        ("unclaimed", "Nobody claims a task"),
                        ("stuck", "A task is stuck"),
                        ("stale", "A live picture is no longer true"),
                        ("rights_expire", "Usage rights expire"),
                        ("webhook_off", "A webhook is switched off"),
                        ("stock", "Stock needs attention"),
                    ],
                    max_length=30,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="topics",
            ),
        ),
        AddConstraintNotValid(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "topic__in",
                        [
                            "assigned",
                            "released",
                            "review_asked",
                            "changes_requested",
                            "approved",
                            "delivered",
                            "commented",
                            "changed",
                            "due_soon",
                            "due_today",
                            "overdue",
                            "unclaimed",
                            "stuck",
                            "stale",
                            "rights_expire",
                            "webhook_off",
                            "stock",
                        ],
                    )
                ),
                name="staff_notification_topic_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationpreference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "topic__in",
                        [
                            "assigned",
                            "released",
                            "review_asked",
                            "changes_requested",
                            "approved",
                            "delivered",
                            "commented",
                            "changed",
                            "due_soon",
                            "due_today",
                            "overdue",
                            "unclaimed",
                            "stuck",
                            "stale",
                            "rights_expire",
                            "webhook_off",
                            "stock",
                        ],
                    )
                ),
                name="staff_preference_topic_valid",
            ),
        ),
    ]
