import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("generations", "0024_prompt_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('name', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('value', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'tallies',
            },
        ),
        migrations.RemoveIndex(
            model_name='image',
            name='image_file',
        ),
        migrations.AlterField(
            model_name='generation',
            name='member',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='generations.member'),
        ),
        migrations.AlterField(
            model_name='generation',
            name='reason',
            field=models.CharField(blank=True, choices=[('content_policy', 'The safety check refused this prompt'), ('credentials', 'The vendor refused our key'), ('out_of_funds', 'The vendor’s account is empty'), ('refused_input', 'The vendor could not use this order'), ('not_found', 'The vendor no longer knows this picture'), ('not_sold', 'The vendor does not know this model'), ('busy', 'The vendor is busy'), ('unreachable', 'The vendor could not be reached'), ('bad_answer', 'The vendor’s answer made no sense'), ('vendor', 'The vendor could not make this picture'), ('timeout', 'The vendor never finished'), ('submission_unknown', 'The vendor never confirmed the order'), ('waited_too_long', 'No place became free in a day'), ('vendor_paused', 'The vendor was paused when its day was over'), ('source_gone', 'The picture to upscale was removed'), ('provider_gone', 'This model is no longer set up'), ('result_lost', 'The picture was lost on the way'), ('result_invalid', 'What the vendor sent is not a picture'), ('worker_crash', 'Saving this picture failed three times'), ('stopped', 'The studio’s staff stopped it')], max_length=20),
        ),
        migrations.AlterField(
            model_name='generation',
            name='team',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='generations.team'),
        ),
        migrations.AddIndex(
            model_name='creditentry',
            index=models.Index(fields=['created_at'], name='credit_entry_everyones'),
        ),
        migrations.AddIndex(
            model_name='creditentry',
            index=models.Index(fields=['kind', 'created_at'], name='credit_entry_everyones_kind'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['state', 'id'], name='generation_newest_in_state'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['provider', 'id'], name='generation_newest_at_vendor'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['team', 'id'], name='generation_newest'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['member', 'id'], name='generation_newest_of_member'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['vendor_task_id'], name='generation_task'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['sha256', 'size_bytes'], name='image_file'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('hidden_at__isnull', False)), fields=['id'], name='image_hidden'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['id'], name='image_deleted'),
        ),
    ]
