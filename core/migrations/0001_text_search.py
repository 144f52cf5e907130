"""Extensions and the function behind two-character search."""

from django.contrib.postgres.operations import BtreeGinExtension, BtreeGistExtension, TrigramExtension
from django.db import migrations

# Pairs of neighbouring characters inside words, each once. IMMUTABLE, so that an index may use it. The cost is far above
# the truth on purpose: otherwise the planner walks another index, computing the pairs of each row on the way, for minutes.
BIGRAMS = """
CREATE OR REPLACE FUNCTION core_bigrams(txt text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
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
