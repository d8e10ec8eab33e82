import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

import generations.models.clock


def keep_told_costs_with_attempts(apps, schema_editor):
    """What vendors told so far is noted at generations alone; each accepted attempt gets its own line of it."""
    attempts = apps.get_model("generations", "Attempt").objects
    rows = apps.get_model("generations", "Generation").objects
    told = rows.filter(pk=OuterRef("generation")).values("vendor_cost")[:1]
    unsaid = attempts.filter(outcome__in=["accepted", "adopted"], vendor_cost=None)
    unsaid.update(vendor_cost=Subquery(told))


class Migration(migrations.Migration):
    dependencies = [("generations", "0013_taking_down")]

    operations = [
        migrations.CreateModel(
            name="AuditRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(default=generations.models.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("rules", models.JSONField(blank=True, default=list)),
                ("findings", models.JSONField(blank=True, default=list)),
                ("cut", models.JSONField(blank=True, default=list)),
                ("pictures", models.PositiveBigIntegerField(default=0)),
                ("reached", models.UUIDField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BalanceReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=4, max_digits=16)),
                ("at", models.DateTimeField(default=generations.models.clock.now)),
                (
                    "credential",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readings",
                        to="generations.credential",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["credential", "at"], name="balance_reading_when")]},
        ),
        migrations.AddField(
            model_name="generation",
            name="assumed_cost",
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name="price",
            name="vendor_cost",
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("vendor_cost", None), ("vendor_cost__gte", 0), _connector="OR"),
                name="price_vendor_cost_not_negative",
            ),
        ),
        migrations.RunPython(keep_told_costs_with_attempts, migrations.RunPython.noop),
    ]
