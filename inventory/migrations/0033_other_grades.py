"""Assemblies of a third kind: pieces that are sold as another grade of themselves."""

from django.db import migrations, models

KINDS = [("kit", "Pack kits"), ("unkit", "Take kits apart"), ("regrade", "Other grade")]


class Migration(migrations.Migration):
    dependencies = [("inventory", "0027_serials_travel")]
    operations = [
        migrations.RemoveConstraint(model_name="assembly", name="inventory_assembly_kind_valid"),
        migrations.AlterField(
            model_name="assembly",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=8, verbose_name="kind"),
        ),
        migrations.AddConstraint(
            model_name="assembly",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _label in KINDS])), name="inventory_assembly_kind_valid"
            ),
        ),
    ]
