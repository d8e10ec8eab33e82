"""The search index, and a number in it for each picture. Housekeeping writes into it what is there already."""

import django.db.models.deletion
from django.db import migrations, models

SQLITE = (
    "CREATE VIRTUAL TABLE generations_search USING fts5("
    "tokens, detail=none, prefix='2 3', tokenize=\"ascii tokenchars '_'\")"
)
POSTGRESQL = (
    "CREATE TABLE generations_search (id bigint PRIMARY KEY, tokens tsvector NOT NULL)",
    # Without the list of what is still to be sorted in: it would make one search in many a slow one.
    "CREATE INDEX generations_search_tokens ON generations_search USING gin (tokens) WITH (fastupdate = off)",
)


def make_index(apps, schema_editor):
    for statement in (SQLITE,) if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    schema_editor.execute("DROP TABLE generations_search")


class Migration(migrations.Migration):
    dependencies = [("generations", "0020_desk_names")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("is_written", models.BooleanField(default=True)),
                (
                    "image",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entry",
                        to="generations.image",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(is_written=False), fields=["id"], name="search_entry_unwritten")
                ]
            },
        ),
        migrations.RunPython(make_index, drop_index),
        # In the order they were stored, which is that of their keys: the wall goes by these numbers.
        migrations.RunSQL(
            "INSERT INTO generations_searchentry (image_id, is_written)"
            " SELECT id, false FROM generations_image ORDER BY id",
            migrations.RunSQL.noop,
        ),
    ]
