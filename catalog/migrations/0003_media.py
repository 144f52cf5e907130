import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

import catalog.models

# a text was written in one language, which its letters tell
FORWARD = """
UPDATE catalog_productimage SET
    alt_text_ko = CASE WHEN alt_text ~ '[가-힣ㄱ-ㅎ]' THEN alt_text ELSE '' END,
    alt_text_ja = CASE WHEN alt_text !~ '[가-힣ㄱ-ㅎ]' AND alt_text ~ '[ぁ-ヿ一-鿿]' THEN alt_text ELSE '' END,
    alt_text_en = CASE WHEN alt_text !~ '[가-힣ㄱ-ㅎぁ-ヿ一-鿿]' THEN alt_text ELSE '' END
WHERE alt_text <> '';
UPDATE catalog_product SET thumbnail_path = image_path WHERE image_path <> '';
"""
BACKWARD = """
UPDATE catalog_productimage SET alt_text = COALESCE(NULLIF(alt_text_en, ''), NULLIF(alt_text_ko, ''), alt_text_ja);
"""


def alt_text(language: str, words: str) -> migrations.AddField:
    return migrations.AddField(
        model_name="productimage",
        name=f"alt_text_{language}",
        field=models.CharField(blank=True, default="", max_length=200, verbose_name=words),
        preserve_default=False,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_creatives"),
    ]

    operations = [
        migrations.CreateModel(
            name="MediaFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("file", models.ImageField(upload_to=catalog.models.image_path, verbose_name="picture")),
                ("thumbnail_path", models.CharField(max_length=255)),
                ("large_path", models.CharField(max_length=255)),
                ("format", models.CharField(max_length=10, verbose_name="format")),
                ("width", models.PositiveIntegerField(verbose_name="width (px)")),
                ("height", models.PositiveIntegerField(verbose_name="height (px)")),
                ("size_bytes", models.PositiveIntegerField()),
                ("white_edge", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField(db_default=Now(), verbose_name="created")),
            ],
            options={
                "verbose_name": "picture",
                "verbose_name_plural": "pictures",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("height__gt", 0), ("size_bytes__gt", 0), ("white_edge__lte", 100), ("width__gt", 0)
                        ),
                        name="catalog_mediafile_measured",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="product",
            name="thumbnail_path",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=255),
        ),
        migrations.AddField(
            model_name="productimage",
            name="media",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="images",
                to="catalog.mediafile",
            ),
        ),
        alt_text("en", "alternative text (English)"),
        alt_text("ko", "alternative text (Korean)"),
        alt_text("ja", "alternative text (Japanese)"),
        # in reverse the column must be there, empty, before it is filled again
        migrations.AlterField(
            model_name="productimage",
            name="alt_text",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="alternative text"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveField(model_name="productimage", name="alt_text"),
    ]
