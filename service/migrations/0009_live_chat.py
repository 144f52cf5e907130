"""Inlets may be live chats, and answers leave there; nobody who writes waits for it."""

import django.contrib.postgres.fields
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """New values of two columns of choices, and one partial index."""

    atomic = False
    dependencies = [
        ("service", "0008_usual_reasons"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="inlet",
            name="service_inlet_kind_valid",
        ),
        migrations.RemoveConstraint(
            model_name="malldeadline",
            name="service_malldeadline_kind",
        ),
        migrations.RemoveConstraint(
            model_name="outgoing",
            name="service_outgoing_way_valid",
        ),
        migrations.RemoveConstraint(
            model_name="slapolicy",
            name="service_slapolicy_kinds_valid",
        ),
        migrations.AlterField(
            model_name="inlet",
            name="kind",
            field=models.CharField(
                choices=[
                    ("email", "E-mail"),
                    ("mall", "Mall inquiries"),
                    ("product_question", "Product questions"),
                    ("web_form", "Web form"),
                    ("phone", "Phone notes"),
                    ("chat", "Live chat"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="malldeadline",
            name="inlet_kind",
            field=models.CharField(
                choices=[
                    ("email", "E-mail"),
                    ("mall", "Mall inquiries"),
                    ("product_question", "Product questions"),
                    ("web_form", "Web form"),
                    ("phone", "Phone notes"),
                    ("chat", "Live chat"),
                ],
                default="mall",
                max_length=20,
                verbose_name="kind of inlet",
            ),
        ),
        migrations.AlterField(
            model_name="outgoing",
            name="way",
            field=models.CharField(
                choices=[("mail", "by e-mail"), ("by_hand", "by hand"), ("chat", "in the chat")],
                max_length=10,
                verbose_name="way",
            ),
        ),
        migrations.AlterField(
            model_name="slapolicy",
            name="inlet_kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("email", "E-mail"),
                        ("mall", "Mall inquiries"),
                        ("product_question", "Product questions"),
                        ("web_form", "Web form"),
                        ("phone", "Phone notes"),
                        ("chat", "Live chat"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                help_text="None chosen: all.",
                size=None,
                verbose_name="kinds of inlets",
            ),
        ),
        AddIndexConcurrently(
            model_name="outgoing",
            index=models.Index(
                condition=models.Q(("state", "owed"), ("way", "chat")), fields=["due_at"], name="service_outgoing_chat"
            ),
        ),
        migrations.AddConstraint(
            model_name="inlet",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["email", "mall", "product_question", "web_form", "phone", "chat"])),
                name="service_inlet_kind_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="malldeadline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("inlet_kind__in", ["email", "mall", "product_question", "web_form", "phone", "chat"])
                ),
                name="service_malldeadline_kind",
            ),
        ),
        AddConstraintNotValid(
            model_name="outgoing",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["mail", "by_hand", "chat"])), name="service_outgoing_way_valid"
            ),
        ),
        ValidateConstraint(model_name="outgoing", name="service_outgoing_way_valid"),
        migrations.AddConstraint(
            model_name="slapolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("inlet_kinds__contained_by", ["email", "mall", "product_question", "web_form", "phone", "chat"])
                ),
                name="service_slapolicy_kinds_valid",
            ),
        ),
    ]
