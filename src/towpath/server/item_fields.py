"""Which fields the items of a list have, where whoever asks wants less than all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from towpath.errors import BadRequest
from towpath.server import requests
from towpath.server.shaped import AnyObject, Moment, Shaped
from towpath.server.wire import OneOf, Parameter, Reply

if TYPE_CHECKING:
    from starlette.requests import Request

FIELDS: Final = Parameter("fields", "Of each item only these; all if not given.", several=True)


class ChosenItems(Shaped):
    """A page whose items have the fields that were asked for, and no others; those that an item has not are left out."""

    fields: list[str]
    """Those that were asked for, each once."""
    items: list[AnyObject]
    cursor: str | None = None
    rev: int | UnsetType = UNSET
    at: Moment | UnsetType = UNSET
    receiver: str | UnsetType = UNSET


def reply(page: type[Shaped], chosen: type[Shaped] = ChosenItems, **more: Any) -> Reply:
    """Return the answer of a list: a whole page, or one of chosen fields. `more`: as `Reply` has it."""
    return Reply(OneOf((page, chosen)), **more)


def asked(request: Request, item: type[Shaped]) -> list[str]:
    """Return the fields that are asked for, each once; none where all are wanted. Raises BadRequest, which names those that there are."""
    wanted = list(dict.fromkeys(requests.values(request, "fields")))
    known = [each.encode_name for each in msgspec.structs.fields(item)]
    for each in wanted:
        if each not in known:
            raise BadRequest(f"fields: {each[:50]!r} is none of {', '.join(known)}")
    return wanted


def chosen(
    request: Request, told: dict[str, Any], item: type[Shaped], key: str = "items"
) -> dict[str, Any]:
    """Return a page whose items, under `key`, have what was asked for; the page itself where all is wanted. Raises BadRequest."""
    wanted = asked(request, item)
    if not wanted:
        return told
    items = [{name: each[name] for name in wanted if name in each} for each in told[key]]
    return {**told, "fields": wanted, key: items}
