"""Extensions and the function behind two-character search."""

from django.contrib.postgres.operations import BtreeGinExtension, BtreeGistExtension, TrigramExtension
from django.db import migrations

# Pairs of neighbouring characters inside words, each once. IMMUTABLE, so that an index may use it.
BIGRAMS = """
CREATE OR REPLACE FUNCTION core_bigrams(txt text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT pair), '{}')
  FROM (SELECT substr(txt, i, 2) AS pair FROM generate_series(1, length(txt) - 1) AS i) AS pairs
  WHERE pair !~ '\\s'
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
