"""What SQLite's search index has for words, and whoever left to whom: so that no search reads all there is."""

import django.db.models.deletion
from django.db import migrations, models

WORDS = "CREATE VIRTUAL TABLE generations_search_words USING fts5vocab(generations_search, row)"


def show_words(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(WORDS)


def hide_words(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE generations_search_words")


class Migration(migrations.Migration):
    dependencies = [("generations", "0035_bulk_acts")]

    operations = [
        migrations.AlterField(
            model_name="generation",
            name="kept_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="kept",
                to="generations.member",
            ),
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                condition=models.Q(("kept_by__isnull", False)), fields=["kept_by"], name="generation_kept"
            ),
        ),
        migrations.RunPython(show_words, hide_words),
    ]
