from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0025_desk_lists'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(condition=models.Q(('address__gt', '')), fields=['at'], name='audit_addressed'),
        ),
        migrations.AddIndex(
            model_name='rulehit',
            index=models.Index(fields=['action', 'at'], name='rule_hit_action'),
        ),
        migrations.AddIndex(
            model_name='rulehit',
            index=models.Index(fields=['is_for_everybody', 'at'], name='rule_hit_whose'),
        ),
        migrations.AddIndex(
            model_name='rulehit',
            index=models.Index(fields=['rule_name', 'at'], name='rule_hit_rule'),
        ),
        migrations.AddIndex(
            model_name='rulehit',
            index=models.Index(fields=['team', 'at'], name='rule_hit_team'),
        ),
        migrations.AddIndex(
            model_name='rulehit',
            index=models.Index(fields=['member', 'at'], name='rule_hit_member'),
        ),
    ]
