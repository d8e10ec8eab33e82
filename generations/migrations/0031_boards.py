"""Boards: pictures put together by people, by reference, and searches that are kept."""


import django.db.models.deletion
import generations.models.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0030_trash'),
    ]

    operations = [
        migrations.CreateModel(
            name='Board',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('folded', models.CharField(max_length=180)),
                ('is_private', models.BooleanField(default=False)),
                ('search', models.CharField(blank=True, max_length=4000)),
                ('created_at', models.DateTimeField(default=generations.models.clock.now)),
                ('changed_at', models.DateTimeField(default=generations.models.clock.now)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('maker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boards', to='generations.member')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boards', to='generations.team')),
            ],
        ),
        migrations.CreateModel(
            name='BoardEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.BigIntegerField()),
                ('added_at', models.DateTimeField(default=generations.models.clock.now)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='generations.member')),
                ('board', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='generations.board')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='board_entries', to='generations.image')),
            ],
        ),
        migrations.AddIndex(
            model_name='board',
            index=models.Index(fields=['team', '-changed_at'], name='board_latest'),
        ),
        migrations.AddIndex(
            model_name='board',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['deleted_at'], name='board_deleted'),
        ),
        migrations.AddConstraint(
            model_name='board',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at', None), ('is_private', False)), fields=('team', 'folded'), name='board_name_once'),
        ),
        migrations.AddConstraint(
            model_name='board',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at', None), ('is_private', True)), fields=('maker', 'folded'), name='board_private_name_once'),
        ),
        migrations.AddConstraint(
            model_name='board',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('folded', ''), _negated=True)), name='board_has_name'),
        ),
        migrations.AddIndex(
            model_name='boardentry',
            index=models.Index(fields=['board', '-position'], name='board_entry_order'),
        ),
        migrations.AddConstraint(
            model_name='boardentry',
            constraint=models.UniqueConstraint(fields=('board', 'image'), name='board_entry_once'),
        ),
    ]
