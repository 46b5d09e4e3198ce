"""What a path of the Kubernetes API names: a kind, perhaps a namespace, an object and one of its subresources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Kind, Ref
from towpath.server.kube.status import NO_SUCH_RESOURCE

_NAMESPACES: Final = "namespaces"
_OF_NAMESPACE: Final = ("status", "finalize")
"""Subresources of a Namespace: elsewhere the third word after `namespaces` is a resource in it."""


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """What a request is about."""

    group: str
    version: str
    resource: str
    """Plural, lower case."""
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def kind(self) -> Kind:
        """The stored kind. Raises NotFound for a resource that does not exist."""
        kind = scheme.find_resource(self.group, self.version, self.resource)
        if kind is None:
            raise NotFound(NO_SUCH_RESOURCE)
        return kind

    @property
    def ref(self) -> Ref:
        """The object. Raises NotFound where the path does not name one as its kind's scope asks for."""
        kind = self.kind
        if not self.name or kind.namespaced != bool(self.namespace):
            raise NotFound(NO_SUCH_RESOURCE)
        return Ref(kind, self.namespace, self.name)


def parse(path: str) -> ResourcePath:
    """Return what `/api/v1/…` or `/apis/GROUP/VERSION/…` names. Raises NotFound for what is no such path."""
    parts = path.strip("/").split("/")
    match parts:
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            raise NotFound(NO_SUCH_RESOURCE)
    if not rest or "" in rest:
        raise NotFound(NO_SUCH_RESOURCE)
    namespace = ""
    if rest[0] == _NAMESPACES and len(rest) > 2 and not (group == "" and _is_of_namespace(rest)):
        namespace, rest = rest[1], rest[2:]
    if len(rest) > 3:
        raise NotFound(NO_SUCH_RESOURCE)
    resource, name, subresource = (*rest, "", "")[:3]
    return ResourcePath(group, version, resource, namespace, name, subresource)


def _is_of_namespace(rest: list[str]) -> bool:
    return len(rest) == 3 and rest[2] in _OF_NAMESPACE
