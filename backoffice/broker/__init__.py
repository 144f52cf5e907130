"""Celery's broker: PGMQ in our own PostgreSQL, with what Celery needs of it and the transport lacks."""
