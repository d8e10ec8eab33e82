from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generations", "0012_notice_keys")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="may_take_down",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="member",
            name="taken_down_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
