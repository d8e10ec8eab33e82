from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0019_audit_desk'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='offerswitch',
            options={'verbose_name_plural': 'offer switches'},
        ),
    ]
