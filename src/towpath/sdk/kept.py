"""Roles, tokens, config maps and credentials: what is kept for a Project, for all of them, or for the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from towpath.sdk import answers
from towpath.sdk.call import ApiCall, Awaiting, Blocking, Query, described
from towpath.sdk.paths import API, segment
from towpath.sdk.through import AwaitedThrough, Through

if TYPE_CHECKING:
    from towpath.resources.document import Document


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
            return f"{API}/projects/{segment(self.project)}"
        return f"{API}/{self.where}"


class _Kept:
    _base: str

    @described
    def all(self, query: Query | None = None) -> ApiCall[list[Document]]:
        """Return all of them."""
        return ApiCall(method="GET", path=self._base, query=query, read=answers.documents)

    @described
    def get(self, name: str, query: Query | None = None) -> ApiCall[Document]:
        """Return one of them."""
        return ApiCall(method="GET", path=self._path(name), query=query, read=answers.document)

    @described
    def create(self, body: Document) -> ApiCall[Document]:
        """Make one; `body` is as `docs/reference/api.md` has it for the collection."""
        return ApiCall(method="POST", path=self._base, body=body, read=answers.document)

    @described
    def change(self, name: str, body: Document) -> ApiCall[Document]:
        """Change what `body` names of one, and leave the rest."""
        path = self._path(name)
        return ApiCall(method="PATCH", path=path, body=body, read=answers.document_or_none)

    @described
    def delete(self, name: str) -> ApiCall[None]:
        """Delete one."""
        return ApiCall(method="DELETE", path=self._path(name), read=answers.nothing)

    def _path(self, name: str) -> str:
        return f"{self._base}/{segment(name)}"


class KeptThings(_Kept, Through):
    """Things of one collection in one place: `roles`, `api-tokens`, `configmaps`, `generic-credentials`, `repo-credentials`.

    Secret values are never in what is returned. Every method raises as those of `Client` do.
    """

    def __init__(self, client: Blocking, collection: str, place: KeptPlace) -> None:
        super().__init__(client)
        self._base = f"{place.path}/{collection}"


class AwaitedKeptThings(_Kept, AwaitedThrough):
    """The same, awaited."""

    def __init__(self, client: Awaiting, collection: str, place: KeptPlace) -> None:
        super().__init__(client)
        self._base = f"{place.path}/{collection}"


class _Access:
    _place: KeptPlace

    @described
    def grant(self, role: str, given: Document) -> ApiCall[Document]:
        """Give a role to users (`{userClaims: {claims: [{name, values}]}}`) or rights to a role (`{resourceDetails: {…}}`)."""
        return self._changed("grants", role, given)

    @described
    def revoke(self, role: str, taken: Document) -> ApiCall[Document]:
        """Take back what `grant` gives."""
        return self._changed("revocations", role, taken)

    @described
    def create_token(self, role: str, name: str, expires_at: str = "") -> ApiCall[Document]:
        """Make a token that may what a role may; the answer, this once only, holds it, in base64, as `data.token`.

        `expires_at`: when it ends, in RFC 3339; empty: when it is deleted.
        """
        path = f"{self._place.path}/roles/{segment(role)}/api-tokens"
        body = {"name": name} | ({"expiresAt": expires_at} if expires_at else {})
        return ApiCall(method="POST", path=path, body=body, read=answers.document)

    def _changed(self, what: str, role: str, details: Document) -> ApiCall[Document]:
        path = f"{self._place.path}/roles/{what}"
        return ApiCall(
            method="POST", path=path, body={"role": role, **details}, read=answers.document
        )


class RoleAccess(_Access, Through):
    """Who may do what in a Project, and the tokens that stand for a role."""

    def __init__(self, client: Blocking, place: KeptPlace) -> None:
        super().__init__(client)
        self._place = place


class AwaitedRoleAccess(_Access, AwaitedThrough):
    """The same, awaited."""

    def __init__(self, client: Awaiting, place: KeptPlace) -> None:
        super().__init__(client)
        self._place = place
