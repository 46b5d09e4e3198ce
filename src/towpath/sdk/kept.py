"""Roles, tokens, config maps and credentials: what is kept for a Project, for all of them, or for the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk.transport import Query, segment

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.sdk.transport import Transport

_API: Final = "/v1beta1"


class Where(StrEnum):
    """For whom a thing is kept."""

    PROJECT = "project"
    SHARED = "shared"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """Where things are kept; `project` is empty for those that are of no Project."""

    where: Where
    project: str = ""

    @property
    def path(self) -> str:
        """The beginning of their paths."""
        if self.where is Where.PROJECT:
            return f"{_API}/projects/{segment(self.project)}"
        return f"{_API}/{self.where}"


class KeptThings:
    """Things of one collection in one place: `roles`, `api-tokens`, `configmaps`, `generic-credentials`, `repo-credentials`.

    Secret values are never in what is returned. Every method raises as those of `Client` do.
    """

    def __init__(self, transport: Transport, collection: str, place: KeptPlace) -> None:
        self._transport = transport
        self._base = f"{place.path}/{collection}"

    def all(self, query: Query | None = None) -> list[Document]:
        """Return all of them."""
        answer = self._transport.json("GET", self._base, query=query)
        if isinstance(answer, dict):
            answer = answer.get("items") or []
        return _objects(answer)

    def get(self, name: str, query: Query | None = None) -> Document:
        """Return one of them."""
        return _object(self._transport.json("GET", self._path(name), query=query))

    def create(self, body: Document) -> Document:
        """Make one; `body` is as `docs/reference/api.md` has it for the collection."""
        return _object(self._transport.json("POST", self._base, body=body))

    def change(self, name: str, body: Document) -> Document:
        """Change what `body` names of one, and leave the rest."""
        return _object(self._transport.json("PATCH", self._path(name), body=body) or {})

    def delete(self, name: str) -> None:
        """Delete one."""
        self._transport.json("DELETE", self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._base}/{segment(name)}"


class RoleAccess:
    """Who may do what in a Project, and the tokens that stand for a role."""

    def __init__(self, transport: Transport, place: KeptPlace) -> None:
        self._transport = transport
        self._place = place

    def grant(self, role: str, given: Document) -> Document:
        """Give a role to users (`{userClaims: {claims: [{name, values}]}}`) or rights to a role (`{resourceDetails: {…}}`)."""
        return self._changed("grants", role, given)

    def revoke(self, role: str, taken: Document) -> Document:
        """Take back what `grant` gives."""
        return self._changed("revocations", role, taken)

    def create_token(self, role: str, name: str) -> Document:
        """Make a token that may what a role may; the answer, this once only, holds it, in base64, as `data.token`."""
        path = f"{self._place.path}/roles/{segment(role)}/api-tokens"
        return _object(self._transport.json("POST", path, body={"name": name}))

    def _changed(self, what: str, role: str, details: Document) -> Document:
        body = {"role": role, **details}
        return _object(self._transport.json("POST", f"{self._place.path}/roles/{what}", body=body))


def _objects(answer: Any) -> list[Document]:
    if answer is None:
        return []
    if not isinstance(answer, list):
        raise errors.Unavailable(
            "the server answered with what is no list; is it a Towpath server?"
        )
    return [_object(each) for each in answer]


def _object(answer: Any) -> Document:
    if not isinstance(answer, dict):
        raise errors.Unavailable(
            "the server answered with what is no object; is it a Towpath server?"
        )
    return answer
