"""The list of a repository's tags, page by page; never a part of it for the whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors
from towpath.clients.oci.links import following

if TYPE_CHECKING:
    from towpath.clients.oci.registry_memory import RegistryMemory
    from towpath.clients.oci.requests import RegistryRequests

_PAGE: Final = 1000
_MOST_PAGES: Final = 1000
_MOST_TAGS: Final = 500_000
_TOGETHER: Final = 20_000
"""Tags that are put to the others at a time."""
_TAGS_BYTES: Final = 16 << 20
_LONGEST_TAG: Final = 128
"""Characters; a longer one is no tag."""
_ODD_BYTES: Final = 1 << 20
"""Of a page in which there is something else than texts: to read any values takes eight times as long."""


@dataclass(frozen=True, slots=True)
class TagList:
    """The tags of one repository, as one caller sees them."""

    requests: RegistryRequests
    memory: RegistryMemory

    async def at(self, base: str) -> list[str]:
        """Return all tags that the registry at a base URL lists, each once, in its order. Raises as `ImageRepository.tags`."""
        path = f"{base}/v2/{self.requests.address.name}/tags/list"
        url: str | None = f"{path}?n={_PAGE}"
        tags: dict[str, None] = {}
        read: set[str] = set()
        while len(read) < _MOST_PAGES and len(tags) <= _MOST_TAGS:
            if url is None:
                return list(tags)
            if url in read:
                raise errors.Unavailable(
                    f"{self.requests}: the registry's pages of tags go round in a circle; what they hold is not the whole list"
                )
            read.add(url)
            page, url = await self._page(base, url)
            for place in range(0, min(len(page), _MOST_TAGS + 1), _TOGETHER):
                await asyncio.sleep(0)  # others get the loop
                tags.update(dict.fromkeys(page[place : place + _TOGETHER]))
        raise errors.TooLarge(f"{self.requests}: it has more than {_MOST_TAGS:,} tags")

    async def _page(self, base: str, url: str) -> tuple[list[str], str | None]:
        """Return the tags of a page and where the next one is; a page that has not changed is not sent again."""
        known = self.memory.known_page(url, self.requests.credential)
        headers = {"Accept": "application/json"}
        if known is not None:
            headers["If-None-Match"] = known[0]
        response = await self.requests.get(base, url, headers, _TAGS_BYTES, "its tags")
        if response.status == 304 and known is not None:
            return known[1], known[2]
        if response.body.count(b",") > _MOST_TAGS:
            raise errors.TooLarge(f"{self.requests}: it has more than {_MOST_TAGS:,} tags")
        try:
            tags = [tag for tag in _tags(response.body) if len(tag) <= _LONGEST_TAG]
        except (ValueError, RecursionError) as error:
            raise errors.Unavailable(
                f"{self.requests}: the registry's list of tags cannot be read"
            ) from error
        try:
            after = following(response.headers.get("link", ""), url)
        except errors.Unavailable as error:
            raise errors.Unavailable(f"{self.requests}: {error.message}") from error
        etag = response.headers.get("etag")
        if etag:
            self.memory.keep_page(url, self.requests.credential, (etag, tags, after))
        return tags, after


class _Tags(msgspec.Struct):
    tags: list[str] | None = None


class _AnyTags(msgspec.Struct):
    tags: list[Any] | None = None


def _tags(body: bytes) -> list[str]:
    """Return the tags of a page; what is not a text is left out, unless there is much. Raises ValueError, RecursionError."""
    try:
        return msgspec.json.decode(body, type=_Tags).tags or []
    except msgspec.ValidationError:
        if len(body) > _ODD_BYTES:
            raise
        found = msgspec.json.decode(body, type=_AnyTags).tags or []
        return [tag for tag in found if isinstance(tag, str)]
