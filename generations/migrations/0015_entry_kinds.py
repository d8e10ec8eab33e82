from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generations", "0014_price_book")]

    operations = [
        migrations.AddIndex(
            model_name="creditentry",
            index=models.Index(fields=["account", "kind", "seq"], name="credit_entry_kind"),
        ),
    ]
