"""What a generation remembers between two tries to fetch its pictures, and how many of them never came."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0010_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="generation",
            name="arrived",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="generation",
            name="refused",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="generation",
            name="missing",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
