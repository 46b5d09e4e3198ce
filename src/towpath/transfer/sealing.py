"""Sealing of Secrets for the other side: to a public key of X25519, so that only who has its private half reads them.

A sealed text is an ephemeral public key (32 bytes), a nonce (12) and what AES-256-GCM makes of the plain one, under a key
that HKDF-SHA256 derives from both. What it is bound to (which object it is) is authenticated with it.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from towpath.errors import BadRequest, Unavailable

FILE: Final = "import-key"
"""In the data directory: the private key of this instance."""
PREFIX: Final = "towpath-import-1:"
"""How a public key is written for people: this, then base64."""
SHORTEST_PASSPHRASE: Final = 12
"""Characters."""
_KEY: Final = 32
_NONCE: Final = 12
_SALT: Final = 16
_SCRYPT: Final = {"n": 1 << 15, "r": 8, "p": 1}
"""32 MiB and about 0.1 s for each guess."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """For whom Secrets are sealed. `salt`: of the passphrase that the key is made from; empty if it is not."""

    key: bytes
    salt: bytes = b""

    @property
    def id(self) -> str:
        """What messages call it."""
        return hashlib.sha256(self.key).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The key as people pass it on."""
        return PREFIX + base64.b64encode(self.key).decode()

    def seal(self, plain: bytes, bound: bytes) -> bytes:
        """Return what only the recipient can open, and only for what it is bound to."""
        own = X25519PrivateKey.generate()
        ephemeral = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        shared = own.exchange(X25519PublicKey.from_public_bytes(self.key))
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(_derived(shared, ephemeral, self.key))
        return ephemeral + nonce + cipher.encrypt(nonce, plain, bound)


class PrivateKey:
    """Opens what was sealed for its public half."""

    def __init__(self, secret: bytes, salt: bytes = b"") -> None:
        self._key = X25519PrivateKey.from_private_bytes(secret)
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.recipient = Recipient(public, salt)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        """Return the plain text. Raises BadRequest for what was changed, or sealed for another key or object."""
        try:
            peer = X25519PublicKey.from_public_bytes(sealed[:_KEY])
            shared = self._key.exchange(peer)
            cipher = AESGCM(_derived(shared, sealed[:_KEY], self.recipient.key))
            return cipher.decrypt(sealed[_KEY : _KEY + _NONCE], sealed[_KEY + _NONCE :], bound)
        except (ValueError, InvalidTag) as error:
            raise BadRequest(
                f"a Secret cannot be opened with key {self.recipient.id}: it was changed, or sealed for another key"
            ) from error


def read(text: str) -> Recipient:
    """Return the recipient that a written public key stands for. Raises BadRequest."""
    given = text.strip()
    try:
        key = base64.b64decode(given.removeprefix(PREFIX), validate=True)
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError:
        key = b""
    if not key or not given.startswith(PREFIX):
        raise BadRequest(
            f"key: it is no key of `towpath import --request`, which begins with {PREFIX}"
        )
    return Recipient(key)


def read_salt(text: str) -> bytes:
    """Return a passphrase's salt, empty if there is none. Raises BadRequest."""
    try:
        salt = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadRequest("salt: it is no base64") from error
    if salt and len(salt) != _SALT:
        raise BadRequest(f"salt: it has {len(salt)} bytes and not {_SALT}")
    return salt


def new_secret() -> bytes:
    """Return a new private key, as its file has it."""
    return os.urandom(_KEY).hex().encode() + b"\n"


def of_file(contents: bytes) -> PrivateKey:
    """Return the private key that a file holds. Raises Unavailable."""
    try:
        secret = bytes.fromhex(contents.strip().decode("ascii"))
        return PrivateKey(secret)
    except ValueError as error:
        raise Unavailable(
            f"{FILE}: it holds no key of imports; remove it to have one made anew"
        ) from error


def from_passphrase(passphrase: str, salt: bytes = b"") -> PrivateKey:
    """Return the key that a passphrase stands for, with a new salt if none is given. Raises BadRequest for a short one."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BadRequest(
            f"the passphrase has fewer than {SHORTEST_PASSPHRASE} characters: take a longer one"
        )
    salt = salt or os.urandom(_SALT)
    return PrivateKey(Scrypt(salt=salt, length=_KEY, **_SCRYPT).derive(passphrase.encode()), salt)


def _derived(shared: bytes, ephemeral: bytes, key: bytes) -> bytes:
    info = b"towpath-import-1\0" + ephemeral + key
    return HKDF(hashes.SHA256(), _KEY, None, info).derive(shared)
