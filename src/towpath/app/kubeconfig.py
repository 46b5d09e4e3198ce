"""A kubeconfig for a data directory: address and authority of its server, and the administrator's token."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from towpath.app import certificates
from towpath.errors import NotFound, Unavailable
from towpath.server.auth import admin_token, private_file

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS: Final = "address"
"""The file under `tls/` in which a running server notes its address."""


def document(
    data: Path, *, server: str = "", namespace: str = "", context: str = "towpath"
) -> dict[str, Any]:
    """Return a kubeconfig. `server`: the URL to name instead of the one that the server last had.

    Raises NotFound when the directory has had no server with TLS, Unavailable for files that cannot be read.
    """
    folder = data / certificates.FOLDER
    authority = folder / certificates.AUTHORITY
    try:
        token = (data / admin_token.FILE).read_text("ascii").strip()
        cluster: dict[str, Any] = {
            "server": server or (folder / ADDRESS).read_text("utf-8").strip()
        }
        if authority.exists() and not (folder / OWN).exists():
            trusted = authority.read_bytes()
            cluster["certificate-authority-data"] = base64.b64encode(trusted).decode()
    except FileNotFoundError as error:
        raise NotFound(
            f"{error.filename}: no such file: no server with TLS has run on {data} yet; start one with "
            f"`towpath up --data {data}`"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"{data}: it cannot be read: {error}") from error
    chosen = {"cluster": context, "user": f"{context}-admin"}
    if namespace:
        chosen["namespace"] = namespace
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": context, "cluster": cluster}],
        "users": [{"name": f"{context}-admin", "user": {"token": token}}],
        "contexts": [{"name": context, "context": chosen}],
        "current-context": context,
    }


OWN: Final = "own-certificate"
"""A file under `tls/` that says that the operator brought the certificate along: clients trust it by other means."""


def note_address(data: Path, address: str, *, is_own: bool) -> None:
    """Note where the server is, for kubeconfigs that are written later. Raises Unavailable."""
    folder = data / certificates.FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        private_file.write(folder / ADDRESS, f"{address}\n".encode())
        if is_own:
            (folder / OWN).touch(mode=0o600)
        else:
            (folder / OWN).unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"{folder}: it cannot be written: {error}") from error


def write(path: Path, text: str) -> None:
    """Write a kubeconfig (0600), whole from the moment it is there. Raises Unavailable."""
    try:
        private_file.write(path, text.encode())
    except OSError as error:
        raise Unavailable(f"{path}: it cannot be written: {error.strerror or error}") from error
