"""A kubeconfig for a data directory: address and authority of its server, and the administrator's token."""

from __future__ import annotations

import base64
import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from towpath.app import certificates
from towpath.disk import reading, writing
from towpath.errors import BadRequest, NotFound, Unavailable
from towpath.server.auth import admin_token

if TYPE_CHECKING:
    from pathlib import Path

SERVED: Final = "served.json"
"""The file under `tls/` in which a running server notes its address, and whether its certificate is made here."""
_NAMED: Final = ("clusters", "users", "contexts")
_LARGEST: Final = 4 << 20


def note(data: Path, address: str, *, is_own: bool) -> None:
    """Note where a server is over TLS, for kubeconfigs that are written later; empty: nowhere. Raises Unavailable.

    `is_own`: whether the operator brought the certificate along.
    """
    path = data / certificates.FOLDER / SERVED
    try:
        if not address:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        told = {"server": _reachable(address), "ownCertificate": is_own}
        writing.write(path, json.dumps(told).encode() + b"\n")
    except OSError as error:
        raise Unavailable(f"{path}: it cannot be written: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeconfigOptions:
    """What a kubeconfig is to say where the data directory leaves it open."""

    server: str = ""
    """The URL to name instead of the one that the server last had."""
    namespace: str = ""
    """The Project that commands are about."""
    context: str = "towpath"
    """Name of context and cluster; the user is `NAME-admin`."""
    authority: Path | None = None
    """PEM of who signed the server's certificate, if it was not made here."""


def document(data: Path, wanted: KubeconfigOptions) -> dict[str, Any]:
    """Return a kubeconfig.

    Raises NotFound when the directory has had no server with TLS, Unavailable for files that cannot be read.
    """
    path = data / certificates.FOLDER / SERVED
    try:
        served = json.loads(reading.regular(path, _LARGEST))
        address, is_own = str(served["server"]), bool(served["ownCertificate"])
        authority = wanted.authority
        if authority is None and not is_own:
            authority = data / certificates.FOLDER / certificates.AUTHORITY
        cluster = {"server": wanted.server or address}
        if authority is not None:
            trusted = reading.read(authority, _LARGEST)
            cluster["certificate-authority-data"] = base64.b64encode(trusted).decode()
        token = reading.regular(data / admin_token.FILE, _LARGEST).decode("ascii").strip()
    except FileNotFoundError as error:
        if error.filename == str(wanted.authority):
            raise NotFound(f"--certificate-authority {error.filename}: no such file") from error
        raise NotFound(
            f"{error.filename}: no such file: no server with --listen-tls runs on {data}, or has run; start one "
            f"with: towpath up --data {data}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"{data}: it cannot be read: {error}") from error
    name, user = wanted.context, f"{wanted.context}-admin"
    chosen = {"cluster": name, "user": user}
    if wanted.namespace:
        chosen["namespace"] = wanted.namespace
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": chosen}],
        "current-context": name,
    }


def merged(path: Path, added: dict[str, Any]) -> dict[str, Any]:
    """Return the kubeconfig of a file with another's cluster, user and context in it, which becomes the current one.

    What has the same names is replaced. Raises BadRequest for a file that is no kubeconfig, Unavailable for one that
    cannot be read.
    """
    found = _read(path)
    result = dict(found)
    for key in _NAMED:
        new = added[key]
        names = {entry["name"] for entry in new}
        kept = [entry for entry in found.get(key) or () if entry.get("name") not in names]
        result[key] = [*kept, *new]
    result["current-context"] = added["current-context"]
    return result


def _read(path: Path) -> dict[str, Any]:
    from towpath.resources.manifests import yaml_documents
    from towpath.resources.manifests.bounds import ManifestBudget
    from towpath.resources.manifests.decoding import decoded

    try:
        text = decoded(reading.read(path, _LARGEST), str(path), _LARGEST)
    except OSError as error:
        raise Unavailable(f"{path}: it cannot be read: {error.strerror or error}") from error
    read = [value for value, _ in yaml_documents.documents(text, str(path), ManifestBudget())]
    if not any(read):
        return {"apiVersion": "v1", "kind": "Config"}
    found = read[0]
    if len(read) > 1 or not isinstance(found, dict) or not _is_config(found):
        raise BadRequest(f"{path}: it is no kubeconfig, so nothing can be merged into it")
    return found


def _is_config(found: dict[str, Any]) -> bool:
    """Whether a document is a kubeconfig, as far as merging needs to know."""
    lists = [found.get(key) or [] for key in _NAMED]
    return found.get("kind", "Config") == "Config" and all(
        isinstance(each, list) and all(isinstance(entry, dict) for entry in each) for each in lists
    )


def text(document_: dict[str, Any]) -> str:
    """Return a kubeconfig as YAML."""
    import yaml

    written: str = yaml.safe_dump(document_, sort_keys=False, allow_unicode=True)
    return written


def write(path: Path, contents: str) -> None:
    """Write a kubeconfig (0600), whole from the moment it is there; a link's target is written. Raises Unavailable."""
    try:
        writing.write(path.resolve(), contents.encode())
    except OSError as error:
        raise Unavailable(f"{path}: it cannot be written: {error.strerror or error}") from error


def _reachable(address: str) -> str:
    """Return an address that a client on this machine can use, instead of one that means every address."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return address
    if not found.is_unspecified:
        return address
    local = "[::1]" if found.version == 6 else "127.0.0.1"
    return f"{parts.scheme}://{local}:{parts.port}{parts.path}"
