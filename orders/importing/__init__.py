"""Order files through the import engine: fields, rows, lines, money, addresses; the target is registered here."""

from orders.importing.target import OrderLines

__all__ = ["OrderLines"]
