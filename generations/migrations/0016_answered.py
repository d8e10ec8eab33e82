from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0015_entry_kinds'),
    ]

    operations = [
        migrations.AddField(
            model_name='credential',
            name='answered_ms',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
