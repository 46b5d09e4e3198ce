"""The private key of a GitHub App, and the proof of the App's identity that it signs: a JSON Web Token (RFC 7519, RS256)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import Invalid

if TYPE_CHECKING:
    from datetime import datetime

_LONGEST: Final = 64 << 10
_MOST_BITS: Final = 8192
"""GitHub makes keys of 2,048; to sign with one of 16,384 takes most of a second."""
_BEFORE_SECONDS: Final = 60
"""So much earlier the proof says it was made: the clock of the server may be behind ours."""
_GOOD_SECONDS: Final = 300
"""For which the proof is good. GitHub takes ten minutes at most, the earlier minute included."""


def proof(issuer: str, key: str, now: datetime) -> str:
    """Return a token by which an App proves itself to GitHub; good for five minutes.

    `issuer`: the App's client id or its number; `key`: in PEM, or that in base64. Raises Invalid, without showing anything
    of it, for what is no RSA key.
    """
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    made = int(now.timestamp())
    claims = {"iat": made - _BEFORE_SECONDS, "exp": made + _GOOD_SECONDS, "iss": issuer}
    signed = f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    signature = _read(key).sign(signed.encode("ascii"), PKCS1v15(), SHA256())
    return f"{signed}.{_text(signature)}"


def _read(text: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = _pem(text)
    try:
        key = load_pem_private_key(pem, None)
    except TypeError as error:
        raise Invalid(
            "it is encrypted with a passphrase; give the key as GitHub made it"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Invalid("it is no private key that can be read; give the .pem file whole") from error
    if not isinstance(key, RSAPrivateKey):
        raise Invalid("it is no RSA key; GitHub Apps have RSA keys")
    if key.key_size > _MOST_BITS:
        raise Invalid(f"it has {key.key_size:,} bits; at most {_MOST_BITS:,} are taken")
    return key


def _pem(text: str) -> bytes:
    if len(text) > _LONGEST:
        raise Invalid(f"it is longer than {_LONGEST >> 10} KiB, as no key is")
    if "-----BEGIN" in text:
        return text.strip().encode("utf-8", "replace")
    try:
        found = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(
            "it is neither PEM, which begins with -----BEGIN, nor the base64 of that; give the .pem file that GitHub made"
        ) from error
    if b"-----BEGIN" not in found:
        raise Invalid("it is base64, but not of PEM; give the .pem file that GitHub made")
    return found.strip()


def _encoded(value: dict[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
