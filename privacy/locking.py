"""Columns that only this program can read: AES-256-GCM with the key's id in the value, and a blind index for search.

A value is ``v1.<key id>.<base64 of nonce and ciphertext>``. Table and column are authenticated with it, so a value that
is copied into another column cannot be read there. Keys come from ``settings.DATA_KEYS``: id to 32 bytes, the first one
locks, all unlock; ``settings.INDEX_KEY`` makes the digests by which equal values are found.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

MARK = "v1."
_NONCE = 12


class UnreadableError(Exception):
    """The value was locked with a key that is not here, or was changed, or belongs to another column."""


@lru_cache(maxsize=32)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def current_key() -> str:
    """Return the id of the key that locks."""
    return str(next(iter(settings.DATA_KEYS)))


def lock(text: str, *, place: str) -> str:
    """Return the text locked for ``place`` ("table.column"); an empty one stays empty."""
    if not text:
        return ""
    key_id = current_key()
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + _cipher(settings.DATA_KEYS[key_id]).encrypt(nonce, text.encode(), place.encode())
    return f"{MARK}{key_id}.{urlsafe_b64encode(sealed).decode()}"


def unlock(value: str, *, place: str) -> str:
    """Return what was locked for ``place``; UnreadableError without its key or when it was tampered with."""
    if not value:
        return ""
    mark, _dot, rest = value.partition(".")
    key_id, _dot, sealed = rest.partition(".")
    key = settings.DATA_KEYS.get(key_id)
    if f"{mark}." != MARK or key is None:
        raise UnreadableError(f"no key {key_id!r} for {place}")
    raw = urlsafe_b64decode(sealed)
    try:
        return _cipher(key).decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
    except InvalidTag as error:
        raise UnreadableError(f"a value of {place} was changed or belongs elsewhere") from error


def digest(text: str, *, place: str) -> str:
    """Return the blind index of a normalised text for ``place``: equal texts have equal digests, nothing else shows.

    HMAC-SHA256 with a key of its own; 32 of 64 digits are kept. Empty for an empty text.
    """
    if not text:
        return ""
    return hmac.new(settings.INDEX_KEY, f"{place}\0{text}".encode(), hashlib.sha256).hexdigest()[:32]


class LockedTextField(models.TextField):  # type: ignore[type-arg]
    """A text that stands locked in the database and is plain in Python; it cannot be searched or sorted by."""

    @property
    def place(self) -> str:
        """What the value is bound to."""
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> Any:
        """Lock what is written."""
        text = super().get_prep_value(value)
        return lock(text, place=self.place) if text else text

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        """Unlock what is read."""
        return unlock(value, place=self.place) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse what could never find anything: only emptiness can be asked."""
        if lookup_name not in {"isnull", "exact"}:
            raise NotImplementedError(f"a locked column cannot be asked by {lookup_name}: use its digest")
        return super().get_lookup(lookup_name)
