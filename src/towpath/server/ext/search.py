"""Finding Projects, Stages, Freight and people by how something of them begins."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from starlette.responses import JSONResponse

from towpath.errors import BadRequest, NotFound
from towpath.resources import scheme, search_terms
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.rules.board import artifacts
from towpath.rules.rbac import Attributes
from towpath.screens import seeing
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.shaped import Moment, Shaped
from towpath.server.stamps import stamped
from towpath.server.wire import Parameter, Reply
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.resources.kinds import Kind
    from towpath.rules.board.sight import Sight
    from towpath.server.services import Services
    from towpath.store.contract import FoundTerm

_MOST: Final = 20
_LONGEST: Final = 200
_LOOKED_AT: Final = 200
"""Entries of a kind that are looked through for those that the caller may see."""
_ACTORS: Final = 5
_LAST: Final = "\U0010ffff"
"""Sorts behind whatever follows a prefix."""


class SearchHit(Shaped):
    """Something that was found. What is empty is left out."""

    kind: Literal["project", "stage", "freight", "actor"]
    name: str
    project: str = ""
    alias: str = ""
    version: str = ""
    term: str = ""
    """What begins as was asked, where it is neither name nor alias."""


class SearchHits(Shaped):
    """At most 20, what is called exactly so first."""

    rev: int
    at: Moment
    hits: list[SearchHit]
    more: bool


@dataclass
class _Searcher:
    """One search for one caller."""

    request: Request
    services: Services
    text: str
    _sights: dict[str, Sight] = field(default_factory=dict)

    @property
    def between(self) -> tuple[str, str]:
        """The range of terms that begin as was asked."""
        return self.text, f"{self.text}{_LAST}"

    async def sight(self, project: str) -> Sight:
        """Return what the caller may see of a Project."""
        if project not in self._sights:
            user = caller.of(self.request).user
            self._sights[project] = await seeing.of(self.services.authorizer, user, project)
        return self._sights[project]

    async def entries(self, kind: Kind, between: tuple[str, str], most: int) -> list[FoundTerm]:
        """Return entries in all namespaces where the caller may have rights to a kind."""
        store, user = self.services.store, caller.of(self.request).user
        on = Attributes(kind.group, kind.plural, "")
        everywhere = (
            user.is_master or (await self.services.authorizer.allowed(user, "get", on)).allowed
        )
        if everywhere or not kind.namespaced:
            return list(await store.terms(kind, between, limit=most))
        found: list[FoundTerm] = []
        for namespace in sorted(await self.services.authorizer.namespaces_of(user)):
            found += await store.terms(kind, between, namespace=namespace, limit=most)
            await asyncio.sleep(0)  # others have a turn
            if len(found) >= most:
                break
        return sorted(found, key=lambda each: (each.value, each.namespace, each.name))

    async def objects(self, kind: Kind) -> list[FoundTerm]:
        """Return what the caller may see of a kind, each object once; one more than is shown tells that there is more."""
        found: dict[tuple[str, str], FoundTerm] = {}
        for each in await self.entries(kind, self.between, _LOOKED_AT):
            if await self._may(kind, each):
                found.setdefault((each.namespace, each.name), each)
            if len(found) > _MOST:
                break
        return list(found.values())

    async def _may(self, kind: Kind, entry: FoundTerm) -> bool:
        if kind is scheme.PROJECT:
            return (await self.sight(entry.name)).project
        seen = await self.sight(entry.namespace)
        return entry.name in (seen.stages if kind is scheme.STAGE else seen.freight)

    async def actors(self) -> list[str]:
        """Return who asked for Promotions that the caller may see, each once."""
        found: dict[str, None] = {}
        first, last = self.between
        for _ in range(_ACTORS):
            entries = await self.entries(scheme.PROMOTION, (first, last), 1)
            if not entries:
                break
            entry, first = entries[0], f"{entries[0].value}\0"
            if entry.name in (await self.sight(entry.namespace)).promotions:
                found[entry.value] = None
        return list(found)


async def _search(request: Request, services: Services) -> Response:
    """Answer with what is called as was asked, or begins so."""
    given = request.query_params.get("q", "")
    if len(given) > _LONGEST:
        raise BadRequest(f"q: at most {_LONGEST} characters, these are {len(given)}")
    text = search_terms.term(given.partition(":")[2] if given.startswith("sha256:") else given)
    if not text:
        raise BadRequest(
            "q: say what is looked for, such as the name of a Stage, a tag or a commit"
        )
    searcher = _Searcher(request, services, text)
    hits = [
        *(_named("project", each) for each in await searcher.objects(scheme.PROJECT)),
        *(_named("stage", each) for each in await searcher.objects(scheme.STAGE)),
        *await _freight(services, await searcher.objects(scheme.FREIGHT)),
        *({"kind": "actor", "name": each} for each in await searcher.actors()),
    ]
    hits.sort(key=lambda each: text not in (each["name"], each.get("alias"), each.get("term")))
    answer = {"hits": hits[:_MOST], "more": len(hits) > _MOST}
    return JSONResponse(stamped(services, answer))


def _named(kind: str, entry: FoundTerm) -> dict[str, Any]:
    found = {"kind": kind, "name": entry.name}
    return found | {"project": entry.namespace} if entry.namespace else found


async def _freight(services: Services, entries: list[FoundTerm]) -> list[dict[str, Any]]:
    """Return Freight with what people call it by."""
    found = []
    for entry in entries:
        try:
            stored = await services.store.get(Ref(scheme.FREIGHT, entry.namespace, entry.name))
        except NotFound:
            continue  # it has just gone
        freight = view(stored, Freight, purpose="it is left out of what is found")
        if freight is None:
            continue
        document = _named("freight", entry)
        document["alias"] = freight.alias
        document["version"] = artifacts.version(artifacts.artifacts(freight), entry.name)
        if entry.value not in (freight.alias, entry.name, document["version"]):
            document["term"] = entry.value
        found.append({key: value for key, value in document.items() if value})
    return found


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/search",
        _search,
        Who.AUTHENTICATED,
        also="what the caller may see is found",
        query=(
            Parameter(
                "q",
                "How a name, alias, tag, version, digest, commit, issue or actor begins; upper and lower case are one.",
                required=True,
            ),
        ),
        answers=Reply(SearchHits),
    ),
)
