"""Repositories at container registries: their tags, and what a tag points to.

A registry is asked at its mirrors first, in the operator's order, then at its own address, as containerd does. Names and
credentials stay those of the registry. What a digest stands for never changes, so it is asked for once.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from towpath import errors
from towpath.clients.oci import address as addresses
from towpath.clients.oci import digests
from towpath.clients.oci import manifest as manifests
from towpath.clients.oci.authentication import ANONYMOUS, RegistryCredential, RegistryLogin
from towpath.clients.oci.links import following
from towpath.clients.oci.manifest import ImageIndex, ImageManifest, Platform
from towpath.masking import mask
from towpath.messages import foreign

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.clients.http import Egress, Response
    from towpath.clients.oci.address import ImageAddress
    from towpath.clock import Clock

_PAGE: Final = 1000
_MOST_PAGES: Final = 1000
_MOST_TAGS: Final = 500_000
_TOGETHER: Final = 20_000
"""Tags that are put to the others at a time."""
_MANIFEST_BYTES: Final = 4 << 20
_CONFIG_BYTES: Final = 8 << 20
_TAGS_BYTES: Final = 16 << 20
_HEAD_REFUSED: Final = frozenset({400, 403, 404, 405, 406, 415, 501})
"""Answers to HEAD that say nothing of what GET would find."""
_MOST_CACHED: Final = 20_000
_MOST_SAID: Final = 64 << 10
"""Bytes of an answer that is looked at for an error's words."""
_LONGEST_TAG: Final = 128
"""Characters; a longer one is no tag."""
_ODD_BYTES: Final = 1 << 20
"""Of a page in which there is something else than texts: to read any values takes eight times as long."""
_MOST_TAGS_KEPT: Final = 1_000_000
"""Of pages that are remembered, all together."""
_MOST_CHILDREN: Final = 500
"""Of an index: each may cost two requests."""
RECENT_SECONDS: Final = 10.0
"""For how long the digest of a tag counts as recent: looks that follow one another closely do not ask for it again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TaggedImage:
    """An image that a tag points to."""

    digest: str
    """Of what the tag itself points to: the index, where there is one."""
    annotations: dict[str, str]
    created: datetime | None
    platforms: tuple[Platform, ...] = ()
    of_platforms: tuple[dict[str, str], ...] = ()
    """What an index says of each of `platforms`, in their order; empty for a single image."""

    def runs_on(self, wanted: Platform) -> bool:
        """Whether there is an image for a platform."""
        return any(wanted.takes(there) for there in self.platforms)

    def annotations_for(self, wanted: Platform | None) -> dict[str, str]:
        """Return the annotations, those of the index's entry for a platform on top."""
        if wanted is not None:
            for there, told in zip(self.platforms, self.of_platforms, strict=False):
                if wanted.takes(there):
                    return self.annotations | told
        return self.annotations


class Registries:
    """All registries."""

    def __init__(
        self, egress: Egress, *, clock: Clock, mirrors: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`mirrors`: base URLs by registry host, as images name it."""
        self._egress = egress
        self._mirrors = dict(mirrors or {})
        self._clock = clock
        self._authentication = RegistryLogin(egress, clock)
        self._digests: OrderedDict[tuple[str, RegistryCredential, str], tuple[str, float]] = (
            OrderedDict()
        )
        self._images: OrderedDict[tuple[str, str], TaggedImage] = OrderedDict()
        self._tags: OrderedDict[
            tuple[str, RegistryCredential], tuple[str, list[str], str | None]
        ] = OrderedDict()
        self._tags_kept = 0

    def open(
        self, url: str, credential: RegistryCredential = ANONYMOUS, *, insecure: bool = False
    ) -> ImageRepository:
        """Return the repository at a URL, as manifests write it. Nothing is asked yet. Raises BadRequest."""
        address = addresses.parse(url)
        mirrors = [base.rstrip("/") for base in self._mirrors.get(address.host, ())]
        return ImageRepository(self, address, (*mirrors, address.endpoint), credential, insecure)

    # What repositories share

    def cached(self, address: ImageAddress, digest: str) -> TaggedImage | None:
        """Return what is known of a digest."""
        key = (address.host + "/" + address.name, digest)
        found = self._images.get(key)
        if found is not None:
            self._images.move_to_end(key)
        return found

    def keep(self, address: ImageAddress, found: TaggedImage) -> None:
        """Remember what a digest stands for."""
        self._images[address.host + "/" + address.name, found.digest] = found
        while len(self._images) > _MOST_CACHED:
            self._images.popitem(last=False)

    def recent_digest(
        self,
        address: ImageAddress,
        credential: RegistryCredential,
        tag: str,
        seconds: float = RECENT_SECONDS,
    ) -> str | None:
        """Return what a tag pointed to at most `seconds` ago, None if nobody has asked since."""
        found = self._digests.get((f"{address.host}/{address.name}", credential, tag))
        if found is None or self._clock.monotonic() - found[1] > seconds:
            return None
        return found[0]

    def keep_digest(
        self, address: ImageAddress, credential: RegistryCredential, tag: str, digest: str
    ) -> None:
        """Remember what a tag points to now."""
        key = (f"{address.host}/{address.name}", credential, tag)
        self._digests[key] = (digest, self._clock.monotonic())
        self._digests.move_to_end(key)
        while len(self._digests) > _MOST_CACHED:
            self._digests.popitem(last=False)

    def known_page(
        self, url: str, credential: RegistryCredential
    ) -> tuple[str, list[str], str | None] | None:
        """Return ETag, tags and the next page of a page of tags that was read before."""
        return self._tags.get((url, credential))

    def keep_page(
        self, url: str, credential: RegistryCredential, page: tuple[str, list[str], str | None]
    ) -> None:
        """Remember a page of tags."""
        before = self._tags.pop((url, credential), None)
        self._tags[url, credential] = page
        self._tags_kept += len(page[1]) - (len(before[1]) if before else 0)
        while len(self._tags) > _MOST_PAGES or self._tags_kept > _MOST_TAGS_KEPT:
            self._tags_kept -= len(self._tags.popitem(last=False)[1][1])

    @property
    def egress(self) -> Egress:
        """The way out."""
        return self._egress

    @property
    def authentication(self) -> RegistryLogin:
        """What goes into `Authorization`."""
        return self._authentication


@dataclass(frozen=True, slots=True)
class ImageRepository:
    """One repository as one credential sees it."""

    registries: Registries = field(repr=False)
    address: ImageAddress
    bases: tuple[str, ...]
    """Base URLs, in the order in which they are asked."""
    credential: RegistryCredential
    insecure: bool = False

    def __str__(self) -> str:
        return self.address.text

    async def tags(self) -> list[str]:
        """Return all tags, each once, in the registry's order.

        Raises NotFound for a repository that is not there, Forbidden, Unavailable, Timeout, TooLarge.
        """
        return await self._at_each(self._tags_at)

    async def digest(self, tag: str) -> str:
        """Return the digest that a tag points to now. Raises NotFound, Forbidden, Unavailable, Timeout."""
        return await self._at_each(lambda base: self._digest_at(base, tag))

    async def image(self, tag: str, *, fresh: bool = True, moves: bool = True) -> TaggedImage:
        """Return the image that a tag points to now; not `fresh`: or did, a few seconds ago.

        `moves`: whether a tag may come to point elsewhere; if not, what it once pointed to will do. Raises as `digest`, and Unsupported or BadRequest for what is no image.
        """
        if not fresh or not moves:
            seconds = RECENT_SECONDS if moves else float("inf")
            digest = self.registries.recent_digest(self.address, self.credential, tag, seconds)
            known = self.registries.cached(self.address, digest) if digest else None
            if known is not None:
                return known
        found = await self._at_each(lambda base: self._image_at(base, tag))
        self.registries.keep_digest(self.address, self.credential, tag, found.digest)
        return found

    async def _at_each(self, ask: Callable[[str], Awaitable[T]]) -> T:
        """Ask mirrors and registry in turn; the last one's error counts, and says what the others answered."""
        try:
            return await self._at_one(ask)
        except errors.TowpathError as error:
            said = mask(error.message, self._secrets())
            if said == error.message:
                raise
            raise type(error)(said) from None

    def _secrets(self) -> tuple[str, ...]:
        """Return what registries were told in confidence, which they may repeat where they are quoted."""
        header = self.registries.authentication.header
        sent = [header(base, self.address.name, self.credential) or "" for base in self.bases]
        return (self.credential.password, *(each.partition(" ")[2] for each in sent))

    async def _at_one(self, ask: Callable[[str], Awaitable[T]]) -> T:
        failed: list[str] = []
        for base in self.bases[:-1]:
            try:
                return await ask(base)
            except (
                errors.NotFound,
                errors.Unavailable,
                errors.Timeout,
                errors.TooManyRequests,
            ) as error:
                failed.append(f"mirror {base}: {error.message}")
        try:
            return await ask(self.bases[-1])
        except errors.TowpathError as error:
            if not failed:
                raise
            said = "; ".join([*failed, f"{self.address.host}: {error.message}"])
            raise type(error)(said) from error

    async def _tags_at(self, base: str) -> list[str]:
        path = f"{base}/v2/{self.address.name}/tags/list"
        url: str | None = f"{path}?n={_PAGE}"
        tags: dict[str, None] = {}
        read: set[str] = set()
        while len(read) < _MOST_PAGES and len(tags) <= _MOST_TAGS:
            if url is None:
                return list(tags)
            if url in read:
                raise errors.Unavailable(
                    f"{self}: the registry's pages of tags go round in a circle; what they hold is not the whole list"
                )
            read.add(url)
            page, url = await self._page(base, url)
            for place in range(0, min(len(page), _MOST_TAGS + 1), _TOGETHER):
                await asyncio.sleep(0)  # others get the loop
                tags.update(dict.fromkeys(page[place : place + _TOGETHER]))
        raise errors.TooLarge(f"{self}: it has more than {_MOST_TAGS:,} tags")

    async def _page(self, base: str, url: str) -> tuple[list[str], str | None]:
        """Return the tags of a page and where the next one is; a page that has not changed is not sent again."""
        known = self.registries.known_page(url, self.credential)
        headers = {"Accept": "application/json"}
        if known is not None:
            headers["If-None-Match"] = known[0]
        response = await self._get(base, url, headers, _TAGS_BYTES, "its tags")
        if response.status == 304 and known is not None:
            return known[1], known[2]
        if response.body.count(b",") > _MOST_TAGS:
            raise errors.TooLarge(f"{self}: it has more than {_MOST_TAGS:,} tags")
        try:
            tags = [tag for tag in _tags(response.body) if len(tag) <= _LONGEST_TAG]
        except (ValueError, RecursionError) as error:
            raise errors.Unavailable(
                f"{self}: the registry's list of tags cannot be read"
            ) from error
        try:
            after = following(response.headers.get("link", ""), url)
        except errors.Unavailable as error:
            raise errors.Unavailable(f"{self}: {error.message}") from error
        etag = response.headers.get("etag")
        if etag:
            self.registries.keep_page(url, self.credential, (etag, tags, after))
        return tags, after

    async def _digest_at(self, base: str, tag: str) -> str:
        url = f"{base}/v2/{self.address.name}/manifests/{quote(tag, safe=':')}"
        headers = {"Accept": manifests.ACCEPT}
        response, sent = await self._ask(base, url, headers, _MANIFEST_BYTES, method="HEAD")
        digest = response.headers.get("docker-content-digest", "")
        if response.status == 200 and digests.is_known(digest):
            return digest
        if response.status not in (200, *_HEAD_REFUSED):
            raise self._failure(response, f"tag {tag}", sent)
        response = await self._get(base, url, headers, _MANIFEST_BYTES, f"tag {tag}")
        return digests.of(response.body)

    async def _image_at(self, base: str, tag: str) -> TaggedImage:
        digest = await self._digest_at(base, tag)
        known = self.registries.cached(self.address, digest)
        if known is not None:
            return known
        found = await self._read(base, digest)
        self.registries.keep(self.address, found)
        return found

    async def _read(self, base: str, digest: str) -> TaggedImage:
        """Return what a digest stands for: an image, or the index of one for several platforms."""
        manifest = await self._manifest(base, digest)
        if isinstance(manifest, ImageManifest):
            config = await self._config(base, manifest.config)
            created = manifests.built_at(manifest, config)
            return TaggedImage(digest, manifest.annotations, created, (config.platform,))
        if len(manifest.children) > _MOST_CHILDREN:
            raise errors.Unsupported(
                f"{self}@{digest}: the index names more than {_MOST_CHILDREN} images"
            )
        if not manifest.children:
            raise errors.Unsupported(
                f"{self}@{digest}: the index names no image for a known platform"
            )
        created = manifests.created_of(manifest.annotations) or await self._newest(base, manifest)
        platforms = tuple(child.platform for child in manifest.children)
        annotations = dict(manifest.annotations)
        if len(manifest.children) == 1:
            annotations |= manifest.children[0].annotations
        told = tuple(child.annotations for child in manifest.children)
        return TaggedImage(digest, annotations, created, platforms, told)

    async def _newest(self, base: str, index: ImageIndex) -> datetime | None:
        """Return when the newest image of an index was built."""
        moments = []
        for child in index.children:
            moment = manifests.created_of(child.annotations)
            if moment is None:
                inner = await self._manifest(base, child.digest)
                if isinstance(inner, ImageManifest):
                    moment = manifests.built_at(inner, await self._config(base, inner.config))
            if moment is not None:
                moments.append(moment)
        return max(moments, default=None)

    async def _manifest(self, base: str, digest: str) -> ImageIndex | ImageManifest:
        self._refuse_unknown(digest)
        url = f"{base}/v2/{self.address.name}/manifests/{digest}"
        headers = {"Accept": manifests.ACCEPT}
        response = await self._get(base, url, headers, _MANIFEST_BYTES, f"manifest {digest}")
        self._check(digest, response.body)
        try:
            return manifests.read(response.body, response.headers.get("content-type", ""))
        except (errors.BadRequest, errors.Unsupported) as error:
            raise type(error)(f"{self}@{digest}: {error.message}") from error

    async def _config(self, base: str, digest: str) -> manifests.Config:
        self._refuse_unknown(digest)
        url = f"{base}/v2/{self.address.name}/blobs/{digest}"
        response = await self._get(base, url, {}, _CONFIG_BYTES, f"configuration {digest}")
        self._check(digest, response.body)
        try:
            return manifests.read_config(response.body)
        except errors.BadRequest as error:
            raise errors.BadRequest(f"{self}: configuration {digest}: {error.message}") from error

    def _refuse_unknown(self, digest: str) -> None:
        try:
            digests.refuse_unknown(digest)
        except errors.Unsupported as error:
            raise errors.Unsupported(f"{self}: {error.message}") from error

    def _check(self, digest: str, body: bytes) -> None:
        """Raise Unavailable for contents that are not those of a digest."""
        if not digests.names(digest, body):
            raise errors.Unavailable(
                f"{self}: what the registry sent for {digest} has another digest"
            )

    async def _get(
        self,
        base: str,
        url: str,
        headers: dict[str, str],
        most_bytes: int,
        what: str,
    ) -> Response:
        """Ask the registry; return an answer of success, or 304."""
        response, sent = await self._ask(base, url, headers, most_bytes)
        if response.status in (200, 304):
            return response
        raise self._failure(response, what, sent)

    async def _ask(
        self, base: str, url: str, headers: dict[str, str], most_bytes: int, *, method: str = "GET"
    ) -> tuple[Response, str]:
        """Ask the registry with what it wants in `Authorization`; return its answer, and what was sent there."""
        authentication, name = self.registries.authentication, self.address.name
        known = authentication.header(base, name, self.credential)
        response = await self._send(method, url, headers, known, most_bytes)
        if response.status == 401:
            challenge = response.headers.get("www-authenticate", "")
            try:
                given = await authentication.answer(
                    challenge, base, name, self.credential, insecure=self.insecure
                )
            except errors.TowpathError as error:
                raise type(error)(f"{self}: {error.message}") from error
            if given is not None:
                known = given
                response = await self._send(method, url, headers, given, most_bytes)
        return response, known or ""

    async def _send(
        self, method: str, url: str, headers: dict[str, str], given: str | None, most_bytes: int
    ) -> Response:
        sent = {**headers, "Authorization": given} if given else headers
        try:
            return await self.registries.egress.request(
                method,
                url,
                headers=sent,
                most_bytes=most_bytes,
                insecure=self.insecure,
                account=self.credential.account,
            )
        except errors.TooManyRequests as error:
            raise errors.TooManyRequests(f"{self}: {error.message}; {self._less()}") from error
        except errors.TowpathError as error:
            raise type(error)(f"{self}: {error.message}") from error

    def _less(self) -> str:
        """Return what helps against a rate limit."""
        who = (
            f"the account in {self.credential.source}"
            if self.credential.source
            else "an anonymous caller (a Secret with a credential for this repository usually raises it)"
        )
        return (
            f"it holds for {who}; a longer interval of the Warehouse, cacheByTag or a mirror in the operator's "
            "configuration ask less often"
        )

    def _failure(self, response: Response, what: str, sent: str) -> errors.TowpathError:
        """Return the error for an answer that does not tell of success. `sent`: what went in `Authorization`."""
        said = _said(response.body, (self.credential.password, sent.partition(" ")[2]))
        where = urlsplit(response.url).netloc
        begin = f"{self}: {what}: {where} answered {response.status}{said}"
        match response.status:
            case 401 | 403:
                source = self.credential.source
                remedy = (
                    f"check the credential in {source}"
                    if source
                    else "no Secret matches this repository, so it was asked anonymously"
                )
                return errors.Forbidden(f"{begin}; {remedy}")
            case 429:
                return errors.TooManyRequests(f"{begin}: its rate limit is used up; {self._less()}")
            case 404:
                return errors.NotFound(f"{begin}; check the name of the repository")
            case _:
                return errors.Unavailable(begin)


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


def _said(body: bytes, secrets: Iterable[str]) -> str:
    """Return what a registry says of an error, in its own words, should it repeat what it was sent without that."""
    if len(body) > _MOST_SAID:
        return ""
    try:
        found = json.loads(body)["errors"][0]
        said = mask(f"{found.get('code', '')}: {found.get('message', '')}", secrets)
        return f" ({foreign(said)})"
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return ""
