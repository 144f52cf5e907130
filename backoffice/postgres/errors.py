"""What goes wrong with the embedded PostgreSQL, each as one sentence with its remedy."""


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message says why and what to do. Nothing was destroyed."""
