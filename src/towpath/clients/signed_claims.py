"""What somebody claims of themselves, signed with a private key: JSON Web Tokens (RFC 7519, RS256)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_BITS: Final = 8192
"""Keys of GitHub and Google have 2,048; to sign with one of 16,384 takes most of a second."""


def signed(claims: Mapping[str, Any], pem: bytes) -> str:
    """Return claims, signed. Takes milliseconds. Raises Invalid, without showing anything of it, for what is no RSA key."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    text = f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    signature = _read(pem).sign(text.encode("ascii"), PKCS1v15(), SHA256())
    return f"{text}.{_text(signature)}"


def _read(pem: bytes) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None)
    except TypeError as error:
        raise Invalid(
            "it is encrypted with a passphrase; give the key as it was handed out"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Invalid("it is no private key that can be read; give the PEM whole") from error
    if not isinstance(key, RSAPrivateKey):
        raise Invalid("it is no RSA key, as those that are handed out are")
    if key.key_size > _MOST_BITS:
        raise Invalid(f"it has {key.key_size:,} bits; at most {_MOST_BITS:,} are taken")
    return key


def _encoded(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
