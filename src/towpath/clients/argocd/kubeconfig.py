"""A kubeconfig: how the API server of a context is reached.

The format is that of https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. What names files or programs of this
machine is refused in one that did not come from a file of this machine: whoever may write a Secret must not run programs here.
"""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from towpath.clients.argocd.server_access import (
    Bearer,
    ExecPlugin,
    ServerAccess,
    TlsAccess,
    wrong_server,
)
from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.messages import instead
from towpath.resources.manifests import yaml_documents
from towpath.resources.manifests.bounds import ManifestBudget
from towpath.resources.manifests.decoding import decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST: Final = 4 << 20
IN_CLUSTER: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a Pod finds the token and the authority of its cluster."""
_OWN_CLUSTER: Final = "https://kubernetes.default.svc"
"""The name that every cluster's DNS has for its API server, and its certificate too."""
_API_VERSIONS: Final = (
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
)


def from_file(path: Path, context: str, *, source: str) -> ServerAccess:
    """Return how a context of a kubeconfig file is reached; empty: its current one. Blocks. Raises BadRequest.

    `source`: what messages call it, for whom the path on this machine is none of their business.
    """
    try:
        text = reading.read(path, LARGEST)
    except OSError as error:
        raise BadRequest(
            f"{source}: it cannot be read: {error.strerror or error}", place=str(path)
        ) from error
    try:
        return read(text, context, source=source, folder=path.absolute().parent)
    except BadRequest as error:
        error.place = error.place or str(path)
        raise


def read(text: bytes, context: str, *, source: str, folder: Path | None) -> ServerAccess:
    """Return how a context is reached; an empty one stands for the current one.

    `folder`: where its relative paths begin; None: it may name no files and no programs. `source`: what messages call it.
    Raises BadRequest, naming the field.
    """
    document = _document(text, source)
    name = context or _text(document, "current-context", source)
    if not name:
        raise BadRequest(
            f"{source}: it names no current-context; say which context is meant ({_names(document, 'contexts')})"
        )
    chosen = _entry(document, "contexts", "context", name, source)
    cluster_name = _text(chosen, "cluster", source)
    user_name = _text(chosen, "user", source)
    cluster = _entry(document, "clusters", "cluster", cluster_name, source)
    user = _entry(document, "users", "user", user_name, source) if user_name else {}
    reader = _Reader(source, folder)
    where = f"clusters[{cluster_name}].cluster"
    server = _text(cluster, "server", source).rstrip("/")
    if why := wrong_server(server):
        raise BadRequest(f"{source}: {where}.server: {server!r} {why}")
    authority = reader.pem(cluster, "certificate-authority", where)
    insecure = cluster.get("insecure-skip-tls-verify") is True
    if insecure and authority:
        raise BadRequest(
            f"{source}: {where}: insecure-skip-tls-verify and certificate-authority contradict each other; leave one out"
        )
    who = f"users[{user_name}].user"
    tls = TlsAccess(
        authority=authority,
        insecure=insecure,
        server_name=_text(cluster, "tls-server-name", source),
        certificate=reader.pem(user, "client-certificate", who),
        key=reader.pem(user, "client-key", who),
    )
    if bool(tls.certificate) != bool(tls.key):
        raise BadRequest(f"{source}: {who}: client-certificate and client-key belong together")
    for unknown in ("auth-provider", "username", "password"):
        if user.get(unknown):
            raise BadRequest(
                f"{source}: {who}.{unknown}: Kubernetes takes that no more; give a token, a client certificate or exec"
            )
    return ServerAccess(
        server=server,
        tls=tls,
        bearer=_bearer(user, who, reader, cluster),
        proxy=_text(cluster, "proxy-url", source),
        namespace=_text(chosen, "namespace", source),
        source=source,
    )


def in_cluster(folder: Path = IN_CLUSTER) -> ServerAccess:
    """Return how a Pod reaches the API server of its own cluster. Blocks. Raises BadRequest outside of one."""
    try:
        authority = reading.read(folder / "ca.crt", LARGEST)
    except OSError as error:
        raise BadRequest(
            f"inCluster: this is no Pod with a ServiceAccount: {folder / 'ca.crt'} cannot be read: "
            f"{error.strerror or error}; give a kubeconfig"
        ) from error
    return ServerAccess(
        server=_OWN_CLUSTER,
        tls=TlsAccess(authority=authority),
        bearer=Bearer(token_file=folder / "token"),
        source="the Pod's ServiceAccount",
    )


class _Reader:
    """Reads what a kubeconfig holds itself, or names a file for."""

    def __init__(self, source: str, folder: Path | None) -> None:
        self.source = source
        self.folder = folder

    def local(self, where: str) -> Path:
        """Return where relative paths begin. Raises BadRequest where none may be named."""
        if self.folder is None:
            raise BadRequest(
                f"{self.source}: {where}: a kubeconfig in a Secret may name no files and no programs of the server; put the "
                "content into it (…-data, token), or have the operator name the file in the configuration"
            )
        return self.folder

    def pem(self, holder: Mapping[str, Any], key: str, where: str) -> bytes:
        """Return the PEM that stands in `KEY-data`, or in the file that `KEY` names; empty where there is neither."""
        if data := _text(holder, f"{key}-data", self.source):
            try:
                return base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError) as error:
                raise BadRequest(f"{self.source}: {where}.{key}-data is no base64") from error
        named = _text(holder, key, self.source)
        if not named:
            return b""
        path = self.local(f"{where}.{key}") / named
        try:
            return reading.read(path, LARGEST)
        except OSError as error:
            raise BadRequest(
                f"{self.source}: {where}.{key}: the file cannot be read: {error.strerror or error}",
                place=str(path),
            ) from error


def _bearer(
    user: Mapping[str, Any], where: str, reader: _Reader, cluster: Mapping[str, Any]
) -> Bearer:
    source = reader.source
    if token := _text(user, "token", source):
        return Bearer(token=token.strip())
    if file := _text(user, "tokenFile", source):
        return Bearer(token_file=reader.local(f"{where}.tokenFile") / file)
    plugin = user.get("exec")
    if not plugin:
        return Bearer()
    if not isinstance(plugin, dict):
        raise BadRequest(f"{source}: {where}.exec must be an object")
    folder = reader.local(f"{where}.exec")
    version = _text(plugin, "apiVersion", source)
    if version not in _API_VERSIONS:
        raise BadRequest(
            f"{source}: {where}.exec.apiVersion: {version!r} is not known; it is {' or '.join(_API_VERSIONS)}"
        )
    if _text(plugin, "interactiveMode", source) == "Always":
        raise BadRequest(
            f"{source}: {where}.exec.interactiveMode: Always: nobody sits here who could answer; use a plugin that does not ask"
        )
    command = _text(plugin, "command", source)
    if not command:
        raise BadRequest(f"{source}: {where}.exec.command is missing")
    if "/" in command and not command.startswith("/"):
        command = str(folder / command)
    told = ""
    if plugin.get("provideClusterInfo") is True:
        told = json.dumps(
            {
                key: cluster[key]
                for key in ("server", "certificate-authority-data")
                if key in cluster
            }
        )
    return Bearer(
        plugin=ExecPlugin(
            argv=(command, *(str(each) for each in _list(plugin, "args"))),
            environment=tuple(
                (str(each.get("name")), str(each.get("value") or ""))
                for each in _list(plugin, "env")
                if isinstance(each, dict) and each.get("name")
            ),
            api_version=version,
            cluster=told,
            folder=folder,
            hint=_text(plugin, "installHint", source).strip(),
        )
    )


def _document(text: bytes, source: str) -> dict[str, Any]:
    found = [
        value
        for value, _ in yaml_documents.documents(
            decoded(text, source, LARGEST), source, ManifestBudget()
        )
        if value is not None
    ]
    if len(found) != 1 or not isinstance(found[0], dict):
        raise BadRequest(f"{source}: it is no kubeconfig: one object in YAML or JSON is wanted")
    return found[0]


def _entry(
    document: Mapping[str, Any], plural: str, singular: str, name: str, source: str
) -> Mapping[str, Any]:
    for entry in _list(document, plural):
        if isinstance(entry, dict) and entry.get("name") == name:
            found = entry.get(singular)
            return found if isinstance(found, dict) else {}
    raise BadRequest(
        f"{source}: {plural}: there is no {singular} {name!r}; {_names(document, plural)}"
    )


def _names(document: Mapping[str, Any], plural: str) -> str:
    names = [str(entry.get("name")) for entry in _list(document, plural) if isinstance(entry, dict)]
    return instead("", names)


def _list(holder: Mapping[str, Any], key: str) -> list[Any]:
    found = holder.get(key)
    return found if isinstance(found, list) else []


def _text(holder: Mapping[str, Any], key: str, source: str) -> str:
    found = holder.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadRequest(f"{source}: {key} must be a text, not {type(found).__name__}")
    return found
