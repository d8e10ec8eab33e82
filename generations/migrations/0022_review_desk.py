from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0021_search'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='reviewcase',
            name='case_queue',
        ),
        migrations.RemoveIndex(
            model_name='reviewcase',
            name='case_team_queue',
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['state', 'level', 'id'], name='case_queue'),
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['team', 'state', 'level', 'id'], name='case_team_queue'),
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['state', '-decided_at', '-id'], name='case_decided'),
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['team', 'state', '-decided_at', '-id'], name='case_team_decided'),
        ),
    ]
