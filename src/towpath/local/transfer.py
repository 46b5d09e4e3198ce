"""Archives of Projects on the client's side: for whom they are sealed, and those that are made or sealed anew here."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.transfer import kargo, sealing
from towpath.transfer.archive import (
    FORMAT,
    VERSION,
    ArchiveHeader,
    ArchiveReader,
    ArchiveWriter,
    Sealed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from towpath.resources.document import Document

_LARGEST: Final = 4096
"""Bytes of a key or a passphrase."""


def recipient(key_file: Path | None, passphrase_file: Path | None) -> tuple[str, str]:
    """Return the key for which Secrets are sealed, and the salt of the passphrase that it is made from. Raises BadRequest."""
    if (key_file is None) == (passphrase_file is None):
        raise BadRequest(
            "say for whom Secrets are sealed: --for FILE, with the key that `towpath import --request` prints on the other side, "
            "or --passphrase-file FILE"
        )
    if key_file is not None:
        found = sealing.read(_text(key_file))
        return found.text, ""
    assert passphrase_file is not None  # noqa: S101 - exactly one is given
    made = sealing.from_passphrase(_text(passphrase_file)).recipient
    return made.text, base64.b64encode(made.salt).decode()


def reseal(file: Path, passphrase_file: Path, key: str, target: Path) -> None:
    """Write an archive that was sealed with a passphrase anew, sealed for a server's key. Raises BadRequest."""
    to = sealing.read(key)
    try:
        with file.open("rb") as source, target.open("xb") as into:
            reader = ArchiveReader(source, str(file))
            salt = reader.header.recipient.salt
            if not salt:
                raise BadRequest(
                    f"{file}: its Secrets are sealed for a server's key, not with a passphrase: leave --passphrase-file out"
                )
            own = sealing.from_passphrase(_text(passphrase_file), salt)
            if own.recipient.key != reader.header.recipient.key:
                raise BadRequest(f"{passphrase_file}: {file} was sealed with another passphrase")
            header = msgspec.structs.replace(
                reader.header, key=base64.b64encode(to.key).decode(), salt=""
            )
            writer = ArchiveWriter(into, header)
            for piece in reader:
                if isinstance(piece, Sealed):
                    piece = Sealed.of_document(piece.opened(own), to)  # noqa: PLW2901 - the same, for another
                writer.add(piece)
            writer.close()
    except OSError as error:
        raise BadRequest(f"{file}: cannot be read: {error.strerror or error}") from error


def from_kargo(documents: Sequence[Document], project: str, key: str, target: Path) -> list[str]:
    """Write the archive of a Project of Kargo; return what does not come along. Raises BadRequest, Conflict.

    The same documents make an archive of the same id: taken in a second time, it is known.
    """
    to = sealing.read(key)
    taken = kargo.taken_over(documents, project)
    digest = hashlib.sha256(msgspec.json.encode(taken.documents, order="sorted")).hexdigest()
    header = ArchiveHeader(
        format=FORMAT,
        version=VERSION,
        project=project,
        id=f"kargo-{digest[:32]}",
        made=taken.latest,
        key=base64.b64encode(to.key).decode(),
    )
    with target.open("xb") as file:
        writer = ArchiveWriter(file, header)
        for document in taken.documents:
            is_secret = document["kind"] == "Secret"
            writer.add(Sealed.of_document(document, to) if is_secret else document)
        for past in taken.past:
            writer.add(past)
        writer.close()
    return taken.warnings


def _text(path: Path) -> str:
    try:
        return reading.read(path, _LARGEST).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{path}: cannot be read: {error}") from error
