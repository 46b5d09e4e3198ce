"""Reading requests: bodies within bounds, parameters, the objects that paths name."""

from __future__ import annotations

import json
import math
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import ClientDisconnect

from towpath.errors import BadRequest, Conflict, NotFound, TooLarge
from towpath.resources import booleans, cluster_config, moments, scheme
from towpath.resources.kinds import Ref
from towpath.resources.manifests.decoding import decoded
from towpath.runtime.aside import JSON_BYTES
from towpath.server import revisions, room
from towpath.server.auth import caller
from towpath.store.contract import Order, Query

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.types import Scope

    from towpath.resources.kinds import Kind
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Requirement, Store, Stored

SMALL_BODY: Final = 64 << 10
"""Bytes of a body that only says how something is to be done."""
LARGE_BODY: Final = 1 << 20
"""Bytes of a body with values that are to be stored."""
_SECONDS_DIGITS: Final = 10
_BOUND: Final = "towpath.largest-body"
_NOT_COUNTED: Final = 64 << 10
"""Bytes of each body: so much a connection may hold anyway."""


class Missing(NotFound):
    """What a path names is not there. Whoever answers adds what is there instead (`alternatives`)."""

    def __init__(self, message: str, ref: Ref, among: tuple[Requirement, ...] = ()) -> None:
        """`among`: what labels say of all that the path could have named; the others of the kind are another matter."""
        super().__init__(message)
        self.ref = ref
        self.among = among


def bound(scope: Scope, largest: int) -> None:
    """Note how many bytes a request's body may have, as its row of the table says."""
    scope[_BOUND] = largest


async def body(request: Request, *, largest: int | None = None, whose: str = "") -> bytes:
    """Return a request's body, of at most `largest` bytes; None: as many as its row of the table says.

    `whose`: in whose name it takes room; empty: the caller's.

    Whoever reads one has asked first whether the caller may do what it is for. A large one is read once there is room for
    it beside the others of this caller, and of all. Raises TooLarge as soon as it is, TooManyRequests when there was no
    room for long, or when it hardly comes and others wait for the room, and BadRequest when the rest of it does not come.
    """
    if largest is None:
        largest = int(request.scope[_BOUND])
    said = f"request body too large: more than {largest:,} bytes"
    told = request.headers.get("content-length", "")
    length = largest  # where it is not told
    if told.isdecimal():
        if not (revisions.is_number(told) and int(told) <= largest):
            raise TooLarge(said)
        length = int(told)
    held = room.held(request.scope)
    read = bytearray()
    try:
        async with held.coming() if held is not None else nullcontext():
            async for chunk in request.stream():
                read += chunk
                if len(read) > largest:
                    raise TooLarge(said)
                if held is not None and len(read) > _NOT_COUNTED:
                    await held.take(whose or caller.of(request).user.name, length)
                    held.came(len(chunk))
    except ClientDisconnect as error:  # nobody reads the answer, and the log need not say it
        raise BadRequest("the request's body did not come to its end") from error
    return bytes(read)


async def json_object(request: Request) -> dict[str, Any]:
    """Return a request's body as a JSON object, of the few words that a call needs. Raises BadRequest, TooLarge."""
    return _object(await body(request))


async def large_json_object(request: Request, aside: Aside) -> dict[str, Any]:
    """Return a request's body as a JSON object that holds what is to be stored. Raises BadRequest, TooLarge."""
    text = await body(request)
    weight, name = len(text) // JSON_BYTES, caller.of(request).user.name
    return await aside.run(_object, text, weight=weight, what="the request's body", caller=name)


def _object(text: bytes) -> dict[str, Any]:
    plain = decoded(text, "the request's body", len(text))
    try:
        found = json.loads(plain or "{}", parse_constant=_refuse_constant, parse_float=_float)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the request's body is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadRequest("the request's body is not a JSON object")
    if "\\" in plain:
        _refuse_surrogates(found)
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _float(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ValueError(f"{text[:40]} is more than a number can be")
    return found


def _refuse_surrogates(found: dict[str, Any]) -> None:
    """Raise BadRequest for half of a character, which JSON can escape: it can be neither looked up, nor stored, nor answered."""
    for key, value in found.items():
        try:
            json.dumps([key, value], ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            where = key[:50] if key.isprintable() else "the request's body"
            raise BadRequest(f"{where}: a lone surrogate is not text") from error


def text_of(document: dict[str, Any], key: str) -> str:
    """Return a text of a body, empty if it is not there. Raises BadRequest for anything else."""
    found = document.get(key)
    return "" if found is None else _text(found, key)


def _text(found: Any, path: str) -> str:
    if not isinstance(found, str):
        raise BadRequest(f"{path}: it must be a string")
    return found


def texts_of(document: dict[str, Any], key: str) -> dict[str, str]:
    """Return texts by name of a body, empty if they are not there. Raises BadRequest, which shows no value."""
    found = document.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadRequest(f"{key}: it must be an object of strings")
    return {name: _text(value, f"{key}[{name[:50]}]") for name, value in found.items()}


def flag_of(document: dict[str, Any], key: str) -> bool:
    """Return a yes or no of a body, no if it is not there. Raises BadRequest for anything else."""
    found = document.get(key)
    if found is None:
        return False
    if not isinstance(found, bool):
        raise BadRequest(f"{key}: it must be true or false")
    return found


def flag(request: Request, name: str) -> bool:
    """Whether a parameter of the query says true; of several, the first one says it.

    This is the one reader of such words: who decides what a caller may do and who does it read the same. Raises
    BadRequest for what is neither true nor false.
    """
    given = next(iter(request.query_params.getlist(name)), "")
    said = booleans.parse(given.lower()) if given else False
    if said is None:
        raise BadRequest(f"{name}: {given[:50]!r} is neither true nor false")
    return said


def number(request: Request, name: str) -> int | None:
    """Return a number of the query, None if it is not there. Raises BadRequest for what is not a number, or has too many digits."""
    given = request.query_params.get(name, "")
    if not given:
        return None
    if not revisions.is_number(given):
        raise BadRequest(
            f"{name}: Invalid value: {given[:50]!r}: it must be a whole number, from 0 on"
        )
    return int(given)


def moment(request: Request, name: str) -> datetime | None:
    """Return a moment of the query in UTC, given as RFC 3339 or as seconds since 1970; None if it is not there.

    Raises BadRequest for what is none.
    """
    given = request.query_params.get(name, "")
    if not given:
        return None
    if given.isascii() and given.isdecimal() and len(given) <= _SECONDS_DIGITS:
        return moments.of_seconds(int(given))
    found = moments.exact(given.replace(" ", "+"))  # a plus sign that nobody has encoded
    if found is None:
        raise BadRequest(f"{name}: {given[:50]!r} is no moment: write it as 2026-01-02T03:04:05Z")
    return found


def values(request: Request, name: str) -> list[str]:
    """Return a query parameter that may come several times, or as a list with commas."""
    return [
        part for given in request.query_params.getlist(name) for part in given.split(",") if part
    ]


async def one(store: Store, ref: Ref, among: tuple[Requirement, ...] = ()) -> Stored:
    """Return an object. Raises Missing, which has `among`."""
    try:
        return await store.get(ref)
    except NotFound as error:
        raise missing(ref, among) from error


def missing(ref: Ref, among: tuple[Requirement, ...] = ()) -> Missing:
    """Return that an object is not there."""
    where = f" in Project {ref.namespace}" if ref.namespace else ""
    return Missing(f'{ref.kind.resource} "{ref.name}" not found{where}', ref, among)


async def project(request: Request, store: Store) -> str:
    """Return the name of the Project in the path. Raises Missing when there is none."""
    name = str(request.path_params["project"])
    await one(store, Ref(scheme.PROJECT, "", name))
    return name


async def config(request: Request, store: Store) -> Ref:
    """Return the configuration that a path is about: its Project's, else the instance's. Raises Missing for a Project that is not there."""
    if "project" not in request.path_params:
        return Ref(scheme.CLUSTER_CONFIG, "", cluster_config.NAME)
    found = await project(request, store)
    return Ref(scheme.PROJECT_CONFIG, found, found)


async def named(request: Request, store: Store, kind: Kind) -> Stored:
    """Return the object of a kind that the path names with `{project}` and `{name}`. Raises Missing."""
    found = await project(request, store)
    return await one(store, Ref(kind, found, str(request.path_params["name"])))


async def freight(store: Store, project_name: str, name: str) -> Stored:
    """Return Freight by name, else by alias. Raises Missing."""
    try:
        return await store.get(Ref(scheme.FREIGHT, project_name, name))
    except NotFound:
        return await freight_by_alias(store, project_name, name)


async def freight_by_alias(store: Store, project_name: str, alias: str) -> Stored:
    """Return Freight by alias. Raises Missing; Conflict when older data has an alias twice."""
    order = Order(path="alias", between=(alias, f"{alias}\0"))
    page = await store.list(
        Query(kind=scheme.FREIGHT, namespace=project_name), order=order, limit=2
    )
    if not page.items:
        raise Missing(
            f'freight "{alias}" not found in Project {project_name}, neither by name nor by alias',
            Ref(scheme.FREIGHT, project_name, alias),
        )
    if len(page.items) > 1:
        named = " and ".join(item.ref.name for item in page.items)
        raise Conflict(
            f"alias {alias!r}: Freight {named} both have it; say which by name, or give one another alias"
        )
    return page.items[0]
