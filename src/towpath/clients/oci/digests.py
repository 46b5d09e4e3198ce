"""Digests of what registries hold: which are known, and whether contents are what a digest names. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from towpath import errors, messages

_HEX_DIGITS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
"""Algorithms, and how long their digests are: those that the OCI registers and Python has, and the one between."""
_HEX: Final = re.compile(r"[0-9a-f]+")
_SHOWN_BYTES: Final = 200


def of(contents: bytes) -> str:
    """Return the digest that we give to contents for which the registry named none."""
    return f"sha256:{hashlib.sha256(contents).hexdigest()}"


def is_known(digest: str) -> bool:
    """Whether a text is a digest that can be verified."""
    algorithm, _, digits = digest.partition(":")
    return _HEX_DIGITS.get(algorithm) == len(digits) and _HEX.fullmatch(digits) is not None


def refuse_unknown(digest: str) -> None:
    """Raise Unsupported for what cannot be verified: nothing is asked for by such a name."""
    if not is_known(digest):
        raise errors.Unsupported(
            f"{messages.foreign(digest, most_bytes=_SHOWN_BYTES)} is no digest that can be verified here: it is to be "
            f"one of {', '.join(_HEX_DIGITS)}, in lower-case hexadecimal digits"
        )


def names(digest: str, contents: bytes) -> bool:
    """Whether contents have a digest. Raises Unsupported for one that is not known."""
    refuse_unknown(digest)
    algorithm, _, digits = digest.partition(":")
    return hashlib.new(algorithm, contents).hexdigest() == digits
