"""Extensions and the function behind two-character search."""

from django.contrib.postgres.operations import BtreeGinExtension, BtreeGistExtension, TrigramExtension
from django.db import migrations

# Pairs of neighbouring characters inside words, each once. IMMUTABLE, so that an index may use it. The cost keeps strpos,
# which core.search puts beside it, first: where the planner walks another index, pairs are computed for the hits only.
BIGRAMS = """
CREATE OR REPLACE FUNCTION core_bigrams(txt text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
  SELECT coalesce(array_agg(DISTINCT former || latter), '{}')
  FROM (SELECT string_to_array(txt, NULL) AS parts) AS characters, unnest(parts, parts[2:]) AS pairs (former, latter)
  WHERE former <> ' ' AND latter <> ' '
$$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        BtreeGinExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(BIGRAMS, "DROP FUNCTION IF EXISTS core_bigrams(text)"),
    ]
