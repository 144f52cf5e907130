import catalog.gtin
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# customers read the language of the channel's country; what is on sale is live where it has a price
LISTED = """
UPDATE catalog_saleschannel SET language = CASE country WHEN 'KR' THEN 'ko' WHEN 'JP' THEN 'ja' ELSE 'en' END;
INSERT INTO catalog_listing (product_id, sales_channel_id, state, external_code, reason, changed_at)
SELECT DISTINCT v.product_id, p.sales_channel_id, 'live', '', '', now()
FROM catalog_product o JOIN catalog_variant v ON v.product_id = o.id JOIN catalog_price p ON p.variant_id = v.id
WHERE o.status = 'active' AND p.starts_at <= now() AND (p.ends_at IS NULL OR p.ends_at > now());
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_former_names"),
        ("compliance", "0001_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attribute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="code")),
                ("name_en", models.CharField(max_length=80, verbose_name="name (English)")),
                ("name_ko", models.CharField(blank=True, max_length=80, verbose_name="name (Korean)")),
                ("name_ja", models.CharField(blank=True, max_length=80, verbose_name="name (Japanese)")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("rich_text", "Formatted text"),
                            ("number", "Number"),
                            ("flag", "Yes or no"),
                            ("date", "Date"),
                            ("choice", "One choice"),
                            ("choices", "Several choices"),
                            ("file", "File"),
                            ("swatch", "Colour"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        blank=True, help_text="Of a number, such as cm or %.", max_length=20, verbose_name="unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "attribute",
                "verbose_name_plural": "attributes",
                "ordering": ["name_en"],
            },
        ),
        migrations.CreateModel(
            name="AttributeChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, verbose_name="code")),
                ("name_en", models.CharField(max_length=80, verbose_name="name (English)")),
                ("name_ko", models.CharField(blank=True, max_length=80, verbose_name="name (Korean)")),
                ("name_ja", models.CharField(blank=True, max_length=80, verbose_name="name (Japanese)")),
                (
                    "colour",
                    models.CharField(blank=True, help_text="Such as #1a2b3c.", max_length=7, verbose_name="colour"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "choice",
                "verbose_name_plural": "choices",
                "ordering": ["position", "name_en"],
            },
        ),
        migrations.CreateModel(
            name="AttributeValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(blank=True, default="", verbose_name="text")),
                (
                    "number",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="number"),
                ),
                ("flag", models.BooleanField(blank=True, null=True, verbose_name="yes or no")),
                ("day", models.DateField(blank=True, null=True, verbose_name="date")),
                ("file", models.FileField(blank=True, max_length=255, upload_to="attributes/", verbose_name="file")),
            ],
            options={
                "verbose_name": "attribute value",
                "verbose_name_plural": "attribute values",
                "ordering": ["product_id", "attribute_id", "id"],
            },
        ),
        migrations.CreateModel(
            name="BundleComponent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
            ],
            options={
                "verbose_name": "component",
                "verbose_name_plural": "components",
                "ordering": ["bundle_id", "id"],
            },
        ),
        migrations.CreateModel(
            name="CategoryMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, verbose_name="category code there")),
                ("path", models.CharField(blank=True, max_length=255, verbose_name="category name there")),
            ],
            options={
                "verbose_name": "category mapping",
                "verbose_name_plural": "category mappings",
                "ordering": ["category_id", "sales_channel_id"],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(blank=True, max_length=80, verbose_name="number")),
                ("issuer", models.CharField(blank=True, max_length=120, verbose_name="issuer")),
                (
                    "document",
                    models.FileField(blank=True, max_length=255, upload_to="certificates/", verbose_name="document"),
                ),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="issued")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="expires")),
            ],
            options={
                "verbose_name": "certificate",
                "verbose_name_plural": "certificates",
                "ordering": ["product_id", "kind__position", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="code")),
                ("name_en", models.CharField(max_length=100, verbose_name="name (English)")),
                ("name_ko", models.CharField(blank=True, max_length=100, verbose_name="name (Korean)")),
                ("name_ja", models.CharField(blank=True, max_length=100, verbose_name="name (Japanese)")),
                (
                    "match",
                    models.CharField(
                        choices=[("all", "All rules"), ("any", "Any rule")],
                        default="all",
                        max_length=10,
                        verbose_name="match",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("refreshed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="refreshed")),
                ("product_count", models.PositiveIntegerField(default=0, editable=False, verbose_name="products")),
            ],
            options={
                "verbose_name": "collection",
                "verbose_name_plural": "collections",
                "ordering": ["name_en"],
            },
        ),
        migrations.CreateModel(
            name="CollectionMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="since"),
                ),
            ],
            options={
                "verbose_name": "product of the collection",
                "verbose_name_plural": "products of the collection",
                "ordering": ["-id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CollectionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=60, verbose_name="what")),
                ("operator", models.CharField(max_length=20, verbose_name="condition")),
                ("value", models.CharField(blank=True, max_length=200, verbose_name="value")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "rule",
                "verbose_name_plural": "rules",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="CustomOption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("text", "Text"), ("choice", "One choice"), ("flag", "Yes or no")],
                        default="text",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="choices",
                    ),
                ),
                ("max_length", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="longest text")),
                ("is_required", models.BooleanField(default=False, verbose_name="required")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "customer's wish",
                "verbose_name_plural": "customer's wishes",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("scheduled", "Scheduled"),
                            ("live", "Live"),
                            ("paused", "Paused"),
                            ("ended", "Ended"),
                        ],
                        default="planned",
                        editable=False,
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("external_code", models.CharField(blank=True, max_length=120, verbose_name="number there")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("reason", models.CharField(blank=True, editable=False, max_length=200, verbose_name="reason")),
                (
                    "changed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="changed"
                    ),
                ),
            ],
            options={
                "verbose_name": "listing",
                "verbose_name_plural": "listings",
                "ordering": ["product_id", "sales_channel_id"],
            },
        ),
        migrations.CreateModel(
            name="NoticeAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="text")),
            ],
            options={
                "verbose_name": "notice answer",
                "verbose_name_plural": "notice answers",
                "ordering": ["product_id", "field__position"],
            },
        ),
        migrations.CreateModel(
            name="OptionAxis",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="Such as colour or size.", max_length=60, verbose_name="option")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "option",
                "verbose_name_plural": "options",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="OptionValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="value")),
                (
                    "colour",
                    models.CharField(blank=True, help_text="Such as #1a2b3c.", max_length=7, verbose_name="colour"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "option value",
                "verbose_name_plural": "option values",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="PriceProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "currency",
                    models.CharField(
                        choices=[
                            ("KRW", "South Korean won"),
                            ("JPY", "Japanese yen"),
                            ("USD", "US dollar"),
                            ("EUR", "Euro"),
                            ("GBP", "British pound"),
                            ("BRL", "Brazilian real"),
                            ("CNY", "Chinese yuan"),
                            ("TWD", "New Taiwan dollar"),
                        ],
                        max_length=3,
                        verbose_name="currency",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="price")),
                ("compare_at", models.BigIntegerField(blank=True, null=True, verbose_name="price before")),
                ("list_price", models.BigIntegerField(blank=True, null=True, verbose_name="list price")),
                ("cost", models.BigIntegerField(verbose_name="cost")),
                ("margin", models.SmallIntegerField(verbose_name="margin (%)")),
                ("margin_floor", models.PositiveSmallIntegerField(verbose_name="lowest margin (%)")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "requested_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="requested"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting",
                        editable=False,
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
            ],
            options={
                "verbose_name": "price to approve",
                "verbose_name_plural": "prices to approve",
                "ordering": ["-id"],
                "permissions": [("approve_price", "Can approve prices below the lowest margin")],
            },
        ),
        migrations.CreateModel(
            name="ProductNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ["notice_type__position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ProductType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="code")),
                ("name_en", models.CharField(max_length=80, verbose_name="name (English)")),
                ("name_ko", models.CharField(blank=True, max_length=80, verbose_name="name (Korean)")),
                ("name_ja", models.CharField(blank=True, max_length=80, verbose_name="name (Japanese)")),
            ],
            options={
                "verbose_name": "product type",
                "verbose_name_plural": "product types",
                "ordering": ["name_en"],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "submitted_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="submitted"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("approved", "Approved"),
                            ("changes_requested", "Changes requested"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting",
                        max_length=20,
                        verbose_name="verdict",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ReviewComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(blank=True, max_length=80, verbose_name="field")),
                ("text", models.CharField(max_length=500, verbose_name="comment")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
            ],
            options={
                "verbose_name": "review comment",
                "verbose_name_plural": "review comments",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="TypeAttribute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "is_required",
                    models.BooleanField(
                        default=False, help_text="Without it nothing is published.", verbose_name="required"
                    ),
                ),
                ("is_per_variant", models.BooleanField(default=False, verbose_name="per variant")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "attribute of the type",
                "verbose_name_plural": "attributes of the type",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="VariantOption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "option of the variant",
                "verbose_name_plural": "options of the variant",
                "ordering": ["variant_id", "axis__position"],
            },
        ),
        migrations.AlterModelOptions(
            name="product",
            options={
                "ordering": ["-id"],
                "permissions": [("review_product", "Can approve products that others registered")],
                "verbose_name": "product",
                "verbose_name_plural": "products",
            },
        ),
        migrations.RemoveConstraint(
            model_name="product",
            name="catalog_product_status_valid",
        ),
        migrations.RemoveConstraint(
            model_name="producttext",
            name="catalog_text_language",
        ),
        migrations.AddField(
            model_name="price",
            name="cost",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="cost"),
        ),
        migrations.AddField(
            model_name="price",
            name="list_price",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="list price"),
        ),
        migrations.AddField(
            model_name="price",
            name="recorded_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded"
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="age_limit",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="0: to everybody.", verbose_name="sold from age"
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="author",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="author",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="expiry_kind",
            field=models.CharField(
                choices=[("none", "None"), ("use_by", "Use by"), ("best_before", "Best before")],
                db_default="none",
                default="none",
                max_length=20,
                verbose_name="date on the goods",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="maker",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="maker"),
        ),
        migrations.AddField(
            model_name="product",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="catalog.product",
                verbose_name="replaced by",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="shelf_life_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="keeps for (days)"),
        ),
        migrations.AddField(
            model_name="product",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="tags",
            ),
        ),
        migrations.AddField(
            model_name="producttext",
            name="keywords",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="search keywords"
            ),
        ),
        migrations.AddField(
            model_name="producttext",
            name="sales_channel",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: on every channel that has no text of its own.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="product_texts",
                to="catalog.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddField(
            model_name="producttext",
            name="seo_description",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=320, verbose_name="description for search engines"
            ),
        ),
        migrations.AddField(
            model_name="producttext",
            name="seo_title",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=120, verbose_name="title for search engines"
            ),
        ),
        migrations.AddField(
            model_name="producttext",
            name="slug",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200, verbose_name="address on the site"
            ),
        ),
        migrations.AddField(
            model_name="saleschannel",
            name="language",
            field=models.CharField(
                choices=[("en", "English"), ("ko", "한국어"), ("ja", "日本語")],
                db_default="en",
                default="en",
                help_text="Its customers read this; titles and product information are checked in it.",
                max_length=5,
                verbose_name="language",
            ),
        ),
        migrations.AddField(
            model_name="saleschannel",
            name="margin_floor",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="A price with less margin over cost waits for a second person; empty means no limit.",
                null=True,
                verbose_name="lowest margin (%)",
            ),
        ),
        migrations.AddField(
            model_name="variant",
            name="height_mm",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="height (mm)"),
        ),
        migrations.AddField(
            model_name="variant",
            name="hs_code",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=12,
                validators=[
                    django.core.validators.RegexValidator(
                        "^\\d{6}(\\d{2}){0,3}$", "An HS code has 6, 8, 10 or 12 digits."
                    )
                ],
                verbose_name="HS code",
            ),
        ),
        migrations.AddField(
            model_name="variant",
            name="length_mm",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="length (mm)"),
        ),
        migrations.AddField(
            model_name="variant",
            name="origin_country",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Two letters.",
                max_length=2,
                verbose_name="country of origin",
            ),
        ),
        migrations.AddField(
            model_name="variant",
            name="width_mm",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="width (mm)"),
        ),
        migrations.AddField(
            model_name="variantcode",
            name="kind",
            field=models.CharField(
                choices=[
                    ("channel", "Sales channel"),
                    ("maker", "Maker"),
                    ("supplier", "Supplier"),
                    ("synonym", "Synonym"),
                ],
                db_default="synonym",
                default="synonym",
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("in_review", "In review"),
                    ("changes_requested", "Changes requested"),
                    ("approved", "Approved"),
                    ("active", "On sale"),
                    ("ended", "Ended"),
                ],
                default="draft",
                editable=False,
                max_length=20,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="variant",
            name="barcode",
            field=models.CharField(
                blank=True, max_length=14, validators=[catalog.gtin.validate_gtin], verbose_name="barcode (GTIN/JAN)"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="category",
            trigger=pgtrigger.compiler.Trigger(
                name="catalog_category_no_loop",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE below bigint;",
                    func="\n    IF NEW.parent_id IS NULL OR NEW.parent_id = NEW.id THEN RETURN NEW; END IF;\n    PERFORM pg_advisory_xact_lock(hashtext('catalog_category'));\n    WITH RECURSIVE up (id, parent_id) AS (\n        SELECT id, parent_id FROM catalog_category WHERE id = NEW.parent_id\n        UNION SELECT c.id, c.parent_id FROM catalog_category c JOIN up ON c.id = up.parent_id\n    ) SELECT id INTO below FROM up WHERE id = NEW.id;\n    IF FOUND THEN\n        RAISE EXCEPTION 'a category cannot stand below itself'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'catalog_category_no_loop';\n    END IF;\n    RETURN NEW;\n",
                    hash="58992064b3e0016e00410e8b5893ef03c3d48714",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_catalog_category_no_loop_ac974",
                    table="catalog_category",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="price",
            trigger=pgtrigger.compiler.Trigger(
                name="catalog_price_past_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF OLD.starts_at > statement_timestamp() OR NOT EXISTS (\n        SELECT 1 FROM catalog_listing l JOIN catalog_variant v ON v.product_id = l.product_id\n        WHERE v.id = OLD.variant_id AND l.sales_channel_id = OLD.sales_channel_id\n        AND l.state NOT IN ('planned', 'scheduled')\n    ) THEN\n        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n        RETURN NEW;\n    END IF;\n    IF TG_OP = 'UPDATE'\n        AND (NEW.variant_id, NEW.sales_channel_id, NEW.currency, NEW.amount, NEW.starts_at, NEW.recorded_at)\n        = (OLD.variant_id, OLD.sales_channel_id, OLD.currency, OLD.amount, OLD.starts_at, OLD.recorded_at)\n        AND (NEW.compare_at, NEW.list_price, NEW.cost)\n        IS NOT DISTINCT FROM (OLD.compare_at, OLD.list_price, OLD.cost)\n        AND (\n            NEW.ends_at IS NOT DISTINCT FROM OLD.ends_at\n            OR LEAST(OLD.ends_at, NEW.ends_at) < OLD.recorded_at\n            OR LEAST(OLD.ends_at, NEW.ends_at) >= transaction_timestamp() - interval '5 minutes'\n        )\n    THEN\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'a price that customers saw stays in the history'\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'catalog_price_past_stays';\n",
                    hash="6398ee53ef9141175ce3498e46d7e42d4615c4e2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_catalog_price_past_stays_13b15",
                    table="catalog_price",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="price",
            trigger=pgtrigger.compiler.Trigger(
                name="catalog_price_recorded_by_database",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="NEW.recorded_at = statement_timestamp(); RETURN NEW;",
                    hash="7d6c496b5ff46a73af9f1ded3b58a388b4bf8006",
                    operation="INSERT",
                    pgid="pgtrigger_catalog_price_recorded_by_database_a6508",
                    table="catalog_price",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("list_price", None), ("list_price__gte", 0), _connector="OR"),
                name="catalog_price_list_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost", None), ("cost__gte", 0), _connector="OR"),
                name="catalog_price_cost_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="producttext",
            constraint=models.UniqueConstraint(
                fields=("product", "language", "sales_channel"), name="catalog_text_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="producttext",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slug", ""), _negated=True),
                fields=("language", "sales_channel", "slug"),
                name="catalog_text_slug_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="saleschannel",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "ko", "ja"])), name="catalog_channel_language_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="saleschannel",
            constraint=models.CheckConstraint(
                condition=models.Q(("margin_floor", None), ("margin_floor__lt", 100), _connector="OR"),
                name="catalog_channel_margin_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin_country", ""), ("origin_country__regex", "^[A-Z]{2}$"), _connector="OR"),
                name="catalog_variant_origin_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="variantcode",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["channel", "maker", "supplier", "synonym"])),
                name="catalog_variantcode_kind_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="attribute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["text", "rich_text", "number", "flag", "date", "choice", "choices", "file", "swatch"])
                ),
                name="catalog_attribute_kind_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="attribute",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit", ""), ("kind", "number"), _connector="OR"),
                name="catalog_attribute_unit_of_number",
            ),
        ),
        migrations.AddField(
            model_name="attributechoice",
            name="attribute",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="choices",
                to="catalog.attribute",
                verbose_name="attribute",
            ),
        ),
        migrations.AddField(
            model_name="attributevalue",
            name="attribute",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="values",
                to="catalog.attribute",
                verbose_name="attribute",
            ),
        ),
        migrations.AddField(
            model_name="attributevalue",
            name="choice",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.attributechoice",
                verbose_name="choice",
            ),
        ),
        migrations.AddField(
            model_name="attributevalue",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attribute_values",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="attributevalue",
            name="variant",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attribute_values",
                to="catalog.variant",
                verbose_name="variant",
            ),
        ),
        migrations.AddField(
            model_name="bundlecomponent",
            name="bundle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="components",
                to="catalog.variant",
                verbose_name="bundle",
            ),
        ),
        migrations.AddField(
            model_name="bundlecomponent",
            name="component",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="in_bundles",
                to="catalog.variant",
                verbose_name="component",
            ),
        ),
        migrations.AddField(
            model_name="categorymapping",
            name="category",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mappings",
                to="catalog.category",
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="categorymapping",
            name="sales_channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="category_mappings",
                to="catalog.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="added_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="added by",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="kind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="compliance.certificatekind",
                verbose_name="certificate",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="certificates",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddConstraint(
            model_name="collection",
            constraint=models.CheckConstraint(
                condition=models.Q(("match__in", ["all", "any"])), name="catalog_collection_match_valid"
            ),
        ),
        migrations.AddField(
            model_name="collectionmember",
            name="collection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="members",
                to="catalog.collection",
                verbose_name="collection",
            ),
        ),
        migrations.AddField(
            model_name="collectionmember",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="collectionrule",
            name="collection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rules",
                to="catalog.collection",
                verbose_name="collection",
            ),
        ),
        migrations.AddField(
            model_name="customoption",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="custom_options",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="listings",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="sales_channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="listings",
                to="catalog.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddField(
            model_name="noticeanswer",
            name="field",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="compliance.noticefield",
                verbose_name="field",
            ),
        ),
        migrations.AddField(
            model_name="noticeanswer",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notice_answers",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="optionaxis",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="axes",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="optionvalue",
            name="axis",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="values",
                to="catalog.optionaxis",
                verbose_name="option",
            ),
        ),
        migrations.AddField(
            model_name="priceproposal",
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
            model_name="priceproposal",
            name="requested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="requested by",
            ),
        ),
        migrations.AddField(
            model_name="priceproposal",
            name="sales_channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="price_proposals",
                to="catalog.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddField(
            model_name="priceproposal",
            name="variant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="price_proposals",
                to="catalog.variant",
                verbose_name="variant",
            ),
        ),
        migrations.AddField(
            model_name="productnotice",
            name="notice_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="compliance.noticetype",
                verbose_name="notice type",
            ),
        ),
        migrations.AddField(
            model_name="productnotice",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="producttype",
            name="notice_types",
            field=models.ManyToManyField(
                blank=True,
                help_text="What its products have to be told about, one for each country where they are sold.",
                related_name="product_types",
                to="compliance.noticetype",
                verbose_name="notices",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="product_type",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="catalog.producttype",
                verbose_name="product type",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="catalog_product_tags"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "in_review", "changes_requested", "approved", "active", "ended"])
                ),
                name="catalog_product_status_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("expiry_kind__in", ["none", "use_by", "best_before"])),
                name="catalog_product_expiry_kind_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("age_limit__lte", 25)), name="catalog_product_age_limit_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("replaced_by", None), models.Q(("replaced_by", models.F("id")), _negated=True), _connector="OR"
                ),
                name="catalog_product_not_own_replacement",
            ),
        ),
        migrations.AddField(
            model_name="review",
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
            model_name="review",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="submitted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="submitted by",
            ),
        ),
        migrations.AddField(
            model_name="reviewcomment",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="author",
            ),
        ),
        migrations.AddField(
            model_name="reviewcomment",
            name="done_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="done by",
            ),
        ),
        migrations.AddField(
            model_name="reviewcomment",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="comments",
                to="catalog.review",
                verbose_name="review",
            ),
        ),
        migrations.AddField(
            model_name="typeattribute",
            name="attribute",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="type_attributes",
                to="catalog.attribute",
                verbose_name="attribute",
            ),
        ),
        migrations.AddField(
            model_name="typeattribute",
            name="product_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="type_attributes",
                to="catalog.producttype",
                verbose_name="product type",
            ),
        ),
        migrations.AddField(
            model_name="producttype",
            name="attributes",
            field=models.ManyToManyField(
                related_name="product_types",
                through="catalog.TypeAttribute",
                to="catalog.attribute",
                verbose_name="attributes",
            ),
        ),
        migrations.AddField(
            model_name="variantoption",
            name="axis",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="variant_options",
                to="catalog.optionaxis",
                verbose_name="option",
            ),
        ),
        migrations.AddField(
            model_name="variantoption",
            name="value",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="variant_options",
                to="catalog.optionvalue",
                verbose_name="option value",
            ),
        ),
        migrations.AddField(
            model_name="variantoption",
            name="variant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="options",
                to="catalog.variant",
                verbose_name="variant",
            ),
        ),
        migrations.AddConstraint(
            model_name="attributechoice",
            constraint=models.UniqueConstraint(fields=("attribute", "code"), name="catalog_attributechoice_once"),
        ),
        migrations.AddConstraint(
            model_name="attributechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("colour", ""), ("colour__regex", "^#[0-9a-fA-F]{6}$"), _connector="OR"),
                name="catalog_attributechoice_colour",
            ),
        ),
        migrations.AddIndex(
            model_name="attributevalue",
            index=models.Index(fields=["attribute", "choice", "product"], name="catalog_attributevalue_choice"),
        ),
        migrations.AddConstraint(
            model_name="attributevalue",
            constraint=models.UniqueConstraint(
                fields=("product", "variant", "attribute", "choice"),
                name="catalog_attributevalue_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="bundlecomponent",
            constraint=models.UniqueConstraint(fields=("bundle", "component"), name="catalog_bundlecomponent_once"),
        ),
        migrations.AddConstraint(
            model_name="bundlecomponent",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1)), name="catalog_bundlecomponent_quantity_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="bundlecomponent",
            constraint=models.CheckConstraint(
                condition=models.Q(("bundle", models.F("component")), _negated=True),
                name="catalog_bundlecomponent_not_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="categorymapping",
            constraint=models.UniqueConstraint(
                fields=("category", "sales_channel"), name="catalog_categorymapping_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="categorymapping",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True), name="catalog_categorymapping_code_given"
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("expires_on__isnull", False)),
                fields=["expires_on"],
                name="catalog_certificate_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(fields=("product", "kind", "number"), name="catalog_certificate_once"),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expires_on", None),
                    ("issued_on", None),
                    ("expires_on__gte", models.F("issued_on")),
                    _connector="OR",
                ),
                name="catalog_certificate_period_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="collectionmember",
            constraint=models.UniqueConstraint(fields=("collection", "product"), name="catalog_collectionmember_once"),
        ),
        migrations.AddConstraint(
            model_name="customoption",
            constraint=models.UniqueConstraint(fields=("product", "name"), name="catalog_customoption_once"),
        ),
        migrations.AddConstraint(
            model_name="customoption",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["text", "choice", "flag"])), name="catalog_customoption_kind_valid"
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("state", "scheduled")), fields=["starts_at"], name="catalog_listing_to_start"
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("ends_at__isnull", False), ("state__in", ["live", "paused", "scheduled"])),
                fields=["ends_at"],
                name="catalog_listing_to_end",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["sales_channel", "state", "product"], name="catalog_listing_channel"),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.UniqueConstraint(fields=("product", "sales_channel"), name="catalog_listing_once"),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["planned", "scheduled", "live", "paused", "ended"])),
                name="catalog_listing_state_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at", None), ("starts_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                ),
                name="catalog_listing_period_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "scheduled"), _negated=True), ("starts_at__isnull", False), _connector="OR"
                ),
                name="catalog_listing_schedule_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticeanswer",
            constraint=models.UniqueConstraint(fields=("product", "field"), name="catalog_noticeanswer_once"),
        ),
        migrations.AddConstraint(
            model_name="noticeanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="catalog_noticeanswer_text_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="optionaxis",
            constraint=models.UniqueConstraint(fields=("product", "name"), name="catalog_optionaxis_once"),
        ),
        migrations.AddConstraint(
            model_name="optionaxis",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="catalog_optionaxis_name_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="optionvalue",
            constraint=models.UniqueConstraint(fields=("axis", "name"), name="catalog_optionvalue_once"),
        ),
        migrations.AddConstraint(
            model_name="optionvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="catalog_optionvalue_name_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="optionvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("colour", ""), ("colour__regex", "^#[0-9a-fA-F]{6}$"), _connector="OR"),
                name="catalog_optionvalue_colour",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "approved", "refused", "withdrawn"])),
                name="catalog_priceproposal_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__in", ["KRW", "JPY", "USD", "EUR", "GBP", "BRL", "CNY", "TWD"])),
                name="catalog_priceproposal_currency",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0), ("cost__gte", 0)), name="catalog_priceproposal_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("requested_by", None),
                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="catalog_priceproposal_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("variant", "sales_channel"),
                name="catalog_priceproposal_one_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="productnotice",
            constraint=models.UniqueConstraint(fields=("product", "notice_type"), name="catalog_productnotice_once"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["waiting", "approved", "changes_requested", "withdrawn"])),
                name="catalog_review_verdict_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("submitted_by", None),
                    models.Q(("decided_by", models.F("submitted_by")), _negated=True),
                    ("verdict", "withdrawn"),
                    _connector="OR",
                ),
                name="catalog_review_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("verdict", "waiting")), fields=("product",), name="catalog_review_one_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewcomment",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="catalog_reviewcomment_text_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="typeattribute",
            constraint=models.UniqueConstraint(fields=("product_type", "attribute"), name="catalog_typeattribute_once"),
        ),
        migrations.AddConstraint(
            model_name="variantoption",
            constraint=models.UniqueConstraint(fields=("variant", "axis"), name="catalog_variantoption_once"),
        ),
        migrations.RunSQL(LISTED, migrations.RunSQL.noop),
    ]
