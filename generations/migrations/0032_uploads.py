"""Pictures people bring themselves, and what everybody's pictures take on the shelf: counted once here, kept from now on."""

import django.db.models.deletion
import generations.models.clock
import generations.models.fields
from django.db import migrations, models


SQLITE = "SELECT coalesce(sum(json_extract(value, '$.size_bytes')), 0) FROM json_each(renditions)"
POSTGRESQL = "SELECT coalesce(sum((one->>'size_bytes')::bigint), 0) FROM jsonb_array_elements(renditions) one"
SPACES = (
    "INSERT INTO generations_space (member_id, team_id, size_bytes, pictures)"
    " SELECT work.member_id, work.team_id, sum(image.size_bytes + image.copies_bytes), count(*)"
    " FROM generations_image image JOIN generations_generation work ON work.id = image.generation_id"
    " WHERE image.sha256 <> '' GROUP BY work.member_id, work.team_id"
)


def count(apps, schema_editor):
    copies = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    schema_editor.execute(f"UPDATE generations_image SET copies_bytes = ({copies})")
    schema_editor.execute(SPACES)


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0031_boards'),
    ]

    operations = [
        migrations.CreateModel(
            name='Space',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='generations.member')),
                ('size_bytes', models.BigIntegerField(default=0)),
                ('pictures', models.IntegerField(default=0)),
                ('bytes_max', models.PositiveBigIntegerField(blank=True, null=True)),
                ('pictures_max', models.PositiveIntegerField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=generations.models.fields.new_id, editable=False, primary_key=True, serialize=False)),
                ('request_key', models.CharField(max_length=64)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=120)),
                ('title', models.CharField(max_length=300)),
                ('is_private', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('waiting', 'Checking'), ('stored', 'In your library'), ('known', 'You have this picture already'), ('refused', 'Not taken')], default='waiting', max_length=8)),
                ('trouble', models.CharField(blank=True, choices=[('no_picture', 'This is not a whole JPEG, PNG or WebP picture. Save it as one of these and try again.'), ('too_heavy', 'The file is larger than one file may be. Make it smaller and try again.'), ('too_large', 'This picture is too large to open. Make it smaller: 80 megapixels are the most.'), ('moves', 'This picture moves. Save one frame of it as a picture of its own.'), ('hidden', 'A moderator took this picture down. It cannot be brought back this way.'), ('no_space', 'There was no storage left for it. Delete some pictures, or ask your owner for more.'), ('not_allowed', 'You may no longer add pictures to this team.'), ('lost', 'The file was lost on its way. Choose it again.'), ('crash', 'Checking this file failed three times. Save the picture anew and try again.')], max_length=12)),
                ('created_at', models.DateTimeField(default=generations.models.clock.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('starts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(default=generations.models.clock.now)),
                ('lease_token', models.CharField(blank=True, max_length=32)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='generation',
            name='generation_operation_known',
        ),
        migrations.AddField(
            model_name='image',
            name='copies_bytes',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='team',
            name='bytes_max',
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='generation',
            name='batch',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='generations.batch'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(('operation__in', ['draw', 'upscale', 'upload'])), name='generation_operation_known'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('operation', 'upload'), _negated=True), ('batch__isnull', False)), models.Q(('batch', None), ('operation', 'upload'), ('price', 0), ('provider', ''), ('state', 'succeeded'), ('vendor_task_id', '')), _connector='OR'), name='generation_brought_is_no_work'),
        ),
        migrations.AddField(
            model_name='space',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spaces', to='generations.team'),
        ),
        migrations.AddField(
            model_name='upload',
            name='image',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='generations.image'),
        ),
        migrations.AddField(
            model_name='upload',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uploads', to='generations.member'),
        ),
        migrations.AddField(
            model_name='upload',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='generations.team'),
        ),
        migrations.AddConstraint(
            model_name='space',
            constraint=models.CheckConstraint(condition=models.Q(('pictures__gte', 0), ('size_bytes__gte', 0)), name='space_not_below_nothing'),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(fields=['state', 'next_at'], name='upload_due'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.UniqueConstraint(fields=('member', 'request_key', 'position'), name='upload_once'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'stored', 'known', 'refused'])), name='upload_state_known'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('image', None), ('state', 'waiting'), ('trouble', '')), models.Q(('ended_at__isnull', False), ('state__in', ['stored', 'known']), ('trouble', '')), models.Q(('ended_at__isnull', False), ('image', None), ('state', 'refused'), models.Q(('trouble', ''), _negated=True)), _connector='OR'), name='upload_waits_or_ended'),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
