"""Oversells with their decisions, messages to customers, penalties of malls; orders that ship in parts."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0013_listing_problems"),
        ("customers", "0001_initial"),
        ("inventory", "0011_one_counter_for_many"),
        ("orders", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CancelPenalty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="valid until")),
                ("points", models.PositiveSmallIntegerField(default=0, verbose_name="penalty points")),
                (
                    "amount",
                    models.PositiveBigIntegerField(
                        default=0,
                        help_text="In the channel's currency, its smallest unit; for each order.",
                        verbose_name="amount",
                    ),
                ),
                (
                    "terms",
                    models.CharField(help_text="What happens, in one sentence.", max_length=300, verbose_name="terms"),
                ),
                ("source", models.URLField(blank=True, max_length=300, verbose_name="source")),
            ],
            options={
                "verbose_name": "penalty of a mall",
                "verbose_name_plural": "penalties of malls",
                "ordering": ["sales_channel_id", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="OrderMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("ko", "한국어"), ("ja", "日本語")],
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                ("body", models.TextField(verbose_name="text")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="written"),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
            ],
            options={
                "verbose_name": "message to a customer",
                "verbose_name_plural": "messages to customers",
                "ordering": ["-id"],
                "permissions": [("send_ordermessage", "Can mark messages to customers as sent")],
            },
        ),
        migrations.CreateModel(
            name="Oversell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("short", models.PositiveIntegerField(verbose_name="pieces short")),
                ("most_short", models.PositiveIntegerField(verbose_name="most pieces short")),
                (
                    "opened_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="opened"),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
            ],
            options={
                "verbose_name": "oversell",
                "verbose_name_plural": "oversells",
                "ordering": ["-id"],
                "permissions": [("decide_oversell", "Can decide what becomes of oversold orders")],
            },
        ),
        migrations.CreateModel(
            name="OversellDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("move", "Ship from another warehouse"),
                            ("transfer", "Transfer pieces here"),
                            ("split", "Ship what is there first"),
                            ("wait", "Wait"),
                            ("substitute", "Send another product"),
                            ("cancel", "Cancel"),
                        ],
                        max_length=12,
                        verbose_name="decision",
                    ),
                ),
                ("note", models.CharField(max_length=200, verbose_name="reason")),
                ("promised_on", models.DateField(blank=True, null=True, verbose_name="promised for")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "oversell decision",
                "verbose_name_plural": "oversell decisions",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="order",
            name="promised_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="newly promised for"),
        ),
        migrations.AddField(
            model_name="order",
            name="ships_in_parts",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="ships in parts"),
        ),
        migrations.AddField(
            model_name="cancelpenalty",
            name="sales_channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="cancel_penalties",
                to="catalog.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddField(
            model_name="ordermessage",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="ordermessage",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="ordermessage",
            name="sent_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="sent by",
            ),
        ),
        migrations.AddField(
            model_name="oversell",
            name="variant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="oversells",
                to="catalog.variant",
                verbose_name="variant",
            ),
        ),
        migrations.AddField(
            model_name="overselldecision",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="overselldecision",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="oversell_decisions",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="overselldecision",
            name="oversell",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="orders.oversell",
                verbose_name="oversell",
            ),
        ),
        migrations.AddField(
            model_name="overselldecision",
            name="substitute",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.variant",
                verbose_name="substitute",
            ),
        ),
        migrations.AddField(
            model_name="overselldecision",
            name="transfer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.transfer",
                verbose_name="transfer",
            ),
        ),
        migrations.AddField(
            model_name="overselldecision",
            name="warehouse",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.warehouse",
                verbose_name="warehouse",
            ),
        ),
        migrations.AddField(
            model_name="ordermessage",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="orders.overselldecision",
                verbose_name="decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="cancelpenalty",
            constraint=models.UniqueConstraint(
                fields=("sales_channel", "valid_from"), name="orders_cancelpenalty_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="cancelpenalty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                ),
                name="orders_cancelpenalty_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="cancelpenalty",
            constraint=models.CheckConstraint(
                condition=models.Q(("terms", ""), _negated=True), name="orders_cancelpenalty_says_what"
            ),
        ),
        migrations.AddConstraint(
            model_name="oversell",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("variant",), name="orders_oversell_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="oversell",
            constraint=models.CheckConstraint(
                condition=models.Q(("most_short__gte", models.F("short")), ("short__gt", 0)),
                name="orders_oversell_short_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="overselldecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["move", "transfer", "split", "wait", "substitute", "cancel"])),
                name="orders_oversell_decision_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="overselldecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="orders_oversell_decision_has_reason"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="overselldecision",
            trigger=pgtrigger.compiler.Trigger(
                name="orders_oversell_decision_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="57e3e8ea77022f4b7b9e6f8364eea11b940e476c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_orders_oversell_decision_append_only_3acd2",
                    table="orders_overselldecision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="overselldecision",
            trigger=pgtrigger.compiler.Trigger(
                name="orders_oversell_decision_no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'a ledger cannot be emptied (%)', TG_TABLE_NAME;",
                    hash="598e1755533cbd0e50c342339a5a387d3b90bd51",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_orders_oversell_decision_no_truncate_656df",
                    table="orders_overselldecision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="overselldecision",
            trigger=pgtrigger.compiler.Trigger(
                name="orders_oversell_decision_at_by_database",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="NEW.at = statement_timestamp(); RETURN NEW;",
                    hash="0ec40b9c3db1a9d111bf23f1f49999e414410b21",
                    operation="INSERT",
                    pgid="pgtrigger_orders_oversell_decision_at_by_database_979ac",
                    table="orders_overselldecision",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="ordermessage",
            index=models.Index(condition=models.Q(("sent_at", None)), fields=["-id"], name="orders_message_to_send"),
        ),
        migrations.AddConstraint(
            model_name="ordermessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "ko", "ja"])), name="orders_message_language_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="ordermessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("body", ""), _negated=True), name="orders_message_says_something"
            ),
        ),
    ]
