"""The embedded PostgreSQL: ``Cluster`` makes, starts, heals and stops one data folder of it. Knows no Django."""

from backoffice.postgres.binaries import BinariesMissingError
from backoffice.postgres.cluster import Cluster
from backoffice.postgres.errors import PostgresError

__all__ = ["BinariesMissingError", "Cluster", "PostgresError"]
