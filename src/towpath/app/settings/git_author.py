"""Who commits, as the operator's configuration has it (`git.author`), and the key that signs for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from towpath import errors
from towpath.clients.git.objects.person import Person
from towpath.clients.git.objects.signing import Signer
from towpath.disk import private_file
from towpath.promotion.committing import UPSTREAM, CommitIdentity

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY: Final = "the key that signs commits"


class GitAuthorSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Whose commits those are that steps make, where nobody else is named."""

    name: str = ""
    """Empty: as upstream has it."""
    email: str = ""
    signing_key_file: str = msgspec.field(default="", name="signingKeyFile")
    """A file with a private key of GnuPG or OpenSSH, without passphrase; empty: what is committed is not signed."""


def problems(settings: GitAuthorSettings) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the settings, by their keys."""
    if bool(settings.name) != bool(settings.email):
        missing = "email" if settings.name else "name"
        yield missing, "it is missing: git writes both, a name and an address, into a commit"
    if settings.email and ("@" not in settings.email or settings.email != settings.email.strip()):
        yield "email", f"{settings.email!r} is no address"
    if settings.name and not Person(settings.name, settings.email).is_named:
        yield "name", f"{settings.name!r} is empty once git has trimmed it"
    if settings.signing_key_file:
        try:
            identity(settings)
        except errors.TowpathError as error:
            yield "signingKeyFile", str(error)


def identity(settings: GitAuthorSettings) -> CommitIdentity:
    """Return who commits. Raises Unavailable for a key that cannot be read, or that others can read."""
    person = Person(settings.name, settings.email) if settings.name else UPSTREAM.person
    if not settings.signing_key_file:
        return CommitIdentity(person)
    key = private_file.read(Path(settings.signing_key_file), _KEY, is_ours=False)
    return CommitIdentity(person, Signer.of(key.decode("utf-8", "surrogateescape")))
