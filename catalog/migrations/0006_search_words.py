"""The words of products that are there already, among which similar ones are sought."""

from itertools import islice

from django.db import migrations

from core.similar import remember_words

TEXTS = [("Product", "name"), ("Product", "brand"), ("ProductText", "title"), ("ProductText", "keywords")]


def remember(apps, _schema_editor):
    for model, field in [*TEXTS, ("Variant", "name")]:
        rows = apps.get_model("catalog", model).objects.order_by().values_list(field, flat=True).distinct()
        found = rows.iterator(chunk_size=5000)
        while texts := list(islice(found, 5000)):
            remember_words(subject="catalog", texts=texts)


def forget(apps, _schema_editor):
    apps.get_model("core", "SearchWord").objects.filter(subject="catalog").delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_registration"), ("core", "0004_search_words")]

    operations = [migrations.RunPython(remember, forget)]
