"""Questions that lie in malls, and answers that leave there."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

WAYS = ["mail", "by_hand", "chat", "mall"]


class Migration(migrations.Migration):
    """Answers stay writable meanwhile: the condition is checked after it is there, the index is made beside."""

    atomic = False
    dependencies = [("service", "0020_coupons")]
    operations = [
        migrations.RemoveField(model_name="inlet", name="key_expires_on"),  # a key belongs to its connection
        migrations.AddField(
            model_name="inlet",
            name="is_connected",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="connected"),
        ),
        migrations.CreateModel(
            name="MallThread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=120, verbose_name="number of the question")),
                ("head", models.CharField(max_length=255, unique=True, verbose_name="Message-ID")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="recorded"
                    ),
                ),
                (
                    "inlet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mall_threads",
                        to="service.inlet",
                        verbose_name="inlet",
                    ),
                ),
            ],
            options={
                "verbose_name": "question in a mall",
                "verbose_name_plural": "questions in malls",
                "ordering": ["id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("inlet", "number"), name="service_mallthread_once")
                ],
            },
        ),
        migrations.AlterField(
            model_name="outgoing",
            name="way",
            field=models.CharField(
                choices=[
                    ("mail", "by e-mail"), ("by_hand", "by hand"), ("chat", "in the chat"), ("mall", "in the mall"),
                ],
                max_length=10,
                verbose_name="way",
            ),
        ),
        migrations.RemoveConstraint(model_name="outgoing", name="service_outgoing_way_valid"),
        AddConstraintNotValid(
            model_name="outgoing",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", WAYS)), name="service_outgoing_way_valid"
            ),
        ),
        ValidateConstraint(model_name="outgoing", name="service_outgoing_way_valid"),
        AddIndexConcurrently(
            model_name="outgoing",
            index=models.Index(
                condition=models.Q(("state", "owed"), ("way", "mall")), fields=["due_at"],
                name="service_outgoing_mall",
            ),
        ),
    ]  # fmt: skip
