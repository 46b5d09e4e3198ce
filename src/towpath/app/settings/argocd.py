"""Connections to installations of Argo CD that the operator configures: files of this machine, and who may be served."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.app.settings import wrong
from towpath.argocd.definition import (
    NAMESPACE,
    ByKubernetes,
    ByRest,
    Definition,
    InCluster,
    Kubeconfig,
)
from towpath.clients.argocd.server_access import Bearer, ServerAccess, TlsAccess, wrong_server
from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.patterns import PatternError, glob

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LARGEST: Final = 1 << 20


class KubernetesSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The API of the cluster that holds the Applications."""

    kubeconfig: str = ""
    """A file."""
    context: str = ""
    """Of the kubeconfig; empty: its current one."""
    in_cluster: bool = msgspec.field(default=False, name="inCluster")
    """Whether it is the cluster that this server runs in, by its ServiceAccount."""
    namespaces: list[str] = []
    """Whose Applications are watched; none: all."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        if bool(self.kubeconfig) == self.in_cluster:
            yield "kubeconfig", "name a kubeconfig, or say inCluster: true; one of them"
        elif self.kubeconfig:
            yield from wrong.path("kubeconfig", self.kubeconfig)


class RestSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Argo CD's own API."""

    server: str
    """Its URL."""
    token_file: str = msgspec.field(name="tokenFile")
    """A file that holds a token of a project or an account; it is read again and again."""
    ca_file: str = msgspec.field(default="", name="caFile")
    """A file of certificates, in PEM, of the authority that certifies the server."""
    insecure: bool = False
    """Whether any certificate will do."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        if why := wrong_server(self.server):
            yield "server", f"{self.server!r} {why}"
        for key, path in (("tokenFile", self.token_file), ("caFile", self.ca_file)):
            if path or key == "tokenFile":
                yield from wrong.path(key, path)
        if self.insecure and self.ca_file:
            yield "insecure", "with caFile it contradicts itself; leave one out"
        if not self.insecure and self.ca_file.startswith("/"):
            try:
                reading.read(Path(self.ca_file), _LARGEST)
            except OSError as error:
                yield "caFile", f"{self.ca_file} cannot be read: {error.strerror or error}"


class ConnectionSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One connection."""

    projects: list[str]
    """Names of Projects that it serves, or globs."""
    default: bool = False
    namespace: str = NAMESPACE
    """Where Argo CD lives."""
    url: str = ""
    """Of its pages for people."""
    kubernetes: KubernetesSettings | None = None
    rest: RestSettings | None = None

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        if not self.projects:
            yield "projects", "name the Projects that it serves; '*' is all"
        for place, pattern in enumerate(self.projects):
            try:
                glob.compile(pattern)
            except PatternError as error:
                yield f"projects[{place}]", str(error)
        if (self.kubernetes is None) == (self.rest is None):
            yield "kubernetes", "give kubernetes or rest, one of them"
        if self.url and not self.url.startswith(("http://", "https://")):
            yield "url", f"{self.url!r} is not http(s)://HOST[/PATH]"
        for key, part in (("kubernetes", self.kubernetes), ("rest", self.rest)):
            for inner, why in part.problems() if part is not None else ():
                yield f"{key}.{inner}", why

    def definition(self, name: str) -> Definition:
        """Return the connection. Blocks. Raises BadRequest for a file that cannot be read."""
        return Definition(
            name=name,
            access=self._access(name),
            projects=tuple(self.projects),
            is_default=self.default,
            namespace=self.namespace,
            url=self.url,
        )

    def _access(self, name: str) -> ByKubernetes | ByRest:
        if self.rest is not None:
            return ByRest(server=_rest(name, self.rest))
        found = self.kubernetes or KubernetesSettings(in_cluster=True)
        return ByKubernetes(
            server=(
                Kubeconfig(path=Path(found.kubeconfig), context=found.context)
                if found.kubeconfig
                else InCluster()
            ),
            namespaces=tuple(dict.fromkeys(found.namespaces)),
        )


class ArgoCDSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the configuration says under `argocd`."""

    connections: dict[str, ConnectionSettings] = {}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        for name, connection in self.connections.items():
            if not NAME.fullmatch(name):
                yield (
                    f"connections.{name}",
                    "the key is the name of the connection: small letters, digits and dashes",
                )
            for key, why in connection.problems():
                yield f"connections.{name}.{key}", why
        defaults = [(name, each) for name, each in self.connections.items() if each.default]
        for place, (name, each) in enumerate(defaults):
            for before, other in defaults[:place]:
                if shared := sorted(set(each.projects) & set(other.projects)):
                    why = f"{before} is the default of {', '.join(shared)} already"
                    yield f"connections.{name}.default", why

    def definitions(self) -> list[Definition]:
        """Return the connections. Blocks. Raises BadRequest for a file that cannot be read."""
        return [each.definition(name) for name, each in self.connections.items()]


def _rest(name: str, settings: RestSettings) -> ServerAccess:
    authority = b""
    if settings.ca_file:
        try:
            authority = reading.read(Path(settings.ca_file), _LARGEST)
        except OSError as error:
            raise BadRequest(
                f"argocd.connections.{name}.rest.caFile: {settings.ca_file} cannot be read: {error.strerror or error}"
            ) from error
    return ServerAccess(
        server=settings.server.rstrip("/"),
        tls=TlsAccess(authority=authority, insecure=settings.insecure),
        bearer=Bearer(token_file=Path(settings.token_file)),
        source=f"argocd.connections.{name} of the configuration",
    )
