from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0016_answered'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditentry',
            name='request_id',
            field=models.CharField(blank=True, max_length=32),
        ),
    ]
