
import django.db.models.deletion
import generations.models.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('generations', '0017_request_ids'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImageReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('hateful', 'Hateful'), ('sexual', 'Sexual'), ('violent', 'Violent'), ('real_person', 'A real person'), ('copied', 'Copied work'), ('other', 'Something else'), ('fine', 'Within the rules')], max_length=11)),
                ('words', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField(default=generations.models.clock.now)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ReviewCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('team', 'Team'), ('staff', 'Studio')], default='team', max_length=5)),
                ('state', models.CharField(choices=[('open', 'Waiting'), ('hidden', 'Hidden'), ('kept', 'Kept')], default='open', max_length=6)),
                ('reason', models.CharField(blank=True, choices=[('hateful', 'Hateful'), ('sexual', 'Sexual'), ('violent', 'Violent'), ('real_person', 'A real person'), ('copied', 'Copied work'), ('other', 'Something else'), ('fine', 'Within the rules')], max_length=11)),
                ('words', models.CharField(blank=True, max_length=500)),
                ('version', models.PositiveIntegerField(default=1)),
                ('opened_at', models.DateTimeField(default=generations.models.clock.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('purged_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ReviewDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('hide', 'Hidden'), ('keep', 'Kept'), ('escalate', 'Handed to the studio’s moderators'), ('suspend', 'Hidden, and its maker suspended'), ('restore', 'Shown again'), ('ask_purge', 'Removal for good asked for'), ('purge', 'Removed for good')], max_length=9)),
                ('reason', models.CharField(blank=True, choices=[('hateful', 'Hateful'), ('sexual', 'Sexual'), ('violent', 'Violent'), ('real_person', 'A real person'), ('copied', 'Copied work'), ('other', 'Something else'), ('fine', 'Within the rules')], max_length=11)),
                ('words', models.CharField(blank=True, max_length=500)),
                ('role', models.CharField(choices=[('team', 'Team'), ('staff', 'Studio')], max_length=5)),
                ('at', models.DateTimeField(default=generations.models.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name='Suspension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('at', models.DateTimeField(default=generations.models.clock.now)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='person',
            name='desk_role',
            field=models.CharField(blank=True, choices=[('', 'None'), ('moderator', 'Moderator'), ('operator', 'Operator')], default='', max_length=9),
        ),
        migrations.AlterField(
            model_name='generation',
            name='reason',
            field=models.CharField(blank=True, choices=[('content_policy', 'The safety check refused this prompt'), ('credentials', 'The vendor refused our key'), ('out_of_funds', 'The vendor’s account is empty'), ('refused_input', 'The vendor could not use this order'), ('not_found', 'The vendor no longer knows this picture'), ('not_sold', 'The vendor does not know this model'), ('busy', 'The vendor is busy'), ('unreachable', 'The vendor could not be reached'), ('bad_answer', 'The vendor’s answer made no sense'), ('vendor', 'The vendor could not make this picture'), ('timeout', 'The vendor never finished'), ('submission_unknown', 'The vendor never confirmed the order'), ('waited_too_long', 'No place became free in a day'), ('source_gone', 'The picture to upscale was removed'), ('provider_gone', 'This model is no longer set up'), ('result_lost', 'The picture was lost on the way'), ('result_invalid', 'What the vendor sent is not a picture'), ('worker_crash', 'Saving this picture failed three times')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('desk_role__in', ['', 'moderator', 'operator'])), name='person_desk_role_known'),
        ),
        migrations.AddField(
            model_name='imagereport',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='generations.member'),
        ),
        migrations.AddField(
            model_name='reviewcase',
            name='claimed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewcase',
            name='generation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='generations.generation'),
        ),
        migrations.AddField(
            model_name='reviewcase',
            name='image',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='generations.image'),
        ),
        migrations.AddField(
            model_name='reviewcase',
            name='purge_asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewcase',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='generations.team'),
        ),
        migrations.AddField(
            model_name='imagereport',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='generations.reviewcase'),
        ),
        migrations.AddField(
            model_name='generation',
            name='hidden_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hidden_generations', to='generations.reviewcase'),
        ),
        migrations.AddField(
            model_name='image',
            name='hidden_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hidden_images', to='generations.reviewcase'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.CheckConstraint(condition=models.Q(('hidden_by', None), ('hidden_at__isnull', False), _connector='OR'), name='image_hidden_since_some_time'),
        ),
        migrations.AddField(
            model_name='reviewdecision',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewdecision',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='generations.reviewcase'),
        ),
        migrations.AddField(
            model_name='reviewdecision',
            name='reverses',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='generations.reviewdecision'),
        ),
        migrations.AddField(
            model_name='suspension',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suspension',
            name='lifted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suspension',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='suspensions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suspension',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='suspensions', to='generations.team'),
        ),
        migrations.AddField(
            model_name='reviewdecision',
            name='suspension',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='generations.suspension'),
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['state', 'id'], name='case_queue'),
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['team', 'state', 'id'], name='case_team_queue'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'hidden', 'kept'])), name='case_state_known'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', ['team', 'staff'])), name='case_level_known'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('image',), name='case_open_once'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.UniqueConstraint(condition=models.Q(('image', None), ('state', 'open')), fields=('generation',), name='case_open_once_ahead'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='case_decided_when_closed'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.CheckConstraint(condition=models.Q(('purged_at', None), ('state', 'hidden'), _connector='OR'), name='case_purged_when_hidden'),
        ),
        migrations.AddIndex(
            model_name='imagereport',
            index=models.Index(fields=['member', 'at'], name='report_lately'),
        ),
        migrations.AddConstraint(
            model_name='imagereport',
            constraint=models.UniqueConstraint(fields=('case', 'member'), name='report_once'),
        ),
        migrations.AddConstraint(
            model_name='imagereport',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['hateful', 'sexual', 'violent', 'real_person', 'copied', 'other'])), name='report_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('team', None)), models.Q(('person', None), ('team__isnull', False)), _connector='OR'), name='suspension_of_one'),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('person',), name='suspension_of_person_once'),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('team',), name='suspension_of_team_once'),
        ),
        migrations.AddConstraint(
            model_name='reviewdecision',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['hide', 'keep', 'escalate', 'suspend', 'restore', 'ask_purge', 'purge'])), name='decision_action_known'),
        ),
        migrations.AddConstraint(
            model_name='reviewdecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), ('action__in', ['restore', 'ask_purge', 'purge']), _connector='OR'), name='decision_has_reason'),
        ),
    ]
