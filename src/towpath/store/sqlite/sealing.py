"""Sealing: AES-256-GCM under a key of the key file.

A sealed text is `0x01`, the first 8 bytes of the key's id, a random 96-bit nonce, then ciphertext and tag.
The context (which object it belongs to) is authenticated with it. A random nonce is safe for some 2^32 texts
under one key, far more than one installation seals; `towpath rotate-key` starts the count anew.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from towpath import errors

if TYPE_CHECKING:
    from towpath.store.sqlite.keyring import SealingKey

_VERSION: Final = b"\x01"
_ID: Final = 8
_NONCE: Final = 12


class Sealer:
    """Seals and opens with one key."""

    def __init__(self, key: SealingKey) -> None:
        self._id = bytes.fromhex(key.id)
        self._cipher = AESGCM(key.secret)

    @property
    def key_id(self) -> str:
        """The id of the key."""
        return self._id.hex()

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Return the sealed form of `plain`, bound to `context`."""
        nonce = os.urandom(_NONCE)
        return _VERSION + self._id + nonce + self._cipher.encrypt(nonce, plain, context)

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Return what was sealed. Raises Unavailable when it is damaged, moved, or under another key."""
        used = sealed[1 : 1 + _ID]
        if sealed[:1] != _VERSION or len(sealed) < 1 + _ID + _NONCE:
            raise errors.Unavailable(
                f"a sealed value of {_named(context)} is damaged; restore a backup with `towpath restore`"
            )
        if used != self._id:
            raise errors.Unavailable(
                f"a sealed value of {_named(context)} needs key {used.hex()}, and the key in use is "
                f"{self.key_id}"
            )
        nonce = sealed[1 + _ID : 1 + _ID + _NONCE]
        try:
            return self._cipher.decrypt(nonce, sealed[1 + _ID + _NONCE :], context)
        except InvalidTag as error:
            raise errors.Unavailable(
                f"a sealed value of {_named(context)} is damaged or was moved there from another object; "
                "restore a backup with `towpath restore`"
            ) from error


def _named(context: bytes) -> str:
    """Return the object of a context, without its uid."""
    return " ".join(part for part in context.decode("utf-8", "replace").split("\0")[:3] if part)
