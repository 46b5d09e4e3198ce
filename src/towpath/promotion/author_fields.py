"""Who commits, as steps of Git take it in their configuration."""

from __future__ import annotations

from typing import Annotated

from towpath.promotion.effects.git import Author
from towpath.resources.fields import Field, Struct


class CommitAuthor(Struct, kw_only=True):
    """Who commits."""

    name: Annotated[str, Field("Name of the author.", min_length=1)]
    email: Annotated[str, Field("Address of the author.", format="email")]
    signing_key: Annotated[
        str, Field("A private key of GnuPG (armoured) or OpenSSH, without passphrase, that signs.")
    ] = ""


def author(given: CommitAuthor | None) -> Author | None:
    """Return whom a manifest names, None if nobody."""
    if given is None:
        return None
    return Author(name=given.name, email=given.email, signing_key=given.signing_key)
