"""The subscription type `http-listing`: releases among the files that a page of a web server lists."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import unquote, urljoin

from shop_subscriptions import releases
from towpath.errors import Forbidden, NotFound, Unavailable
from towpath.resources.fields import Field, Struct, Text

if TYPE_CHECKING:
    from towpath.artifacts.subscription import LookClients, Subscription
    from towpath.resources.warehouse import DiscoveryResult

MOST_BYTES = 4 << 20


class HttpListingConfig(Struct):
    """Where the list is, and which of its files are releases."""

    url: Annotated[
        Text, Field("The page, as nginx and Apache make one of a folder.", pattern="^https?://")
    ]
    prefix: Annotated[str, Field("What the name of a release begins with.")] = ""
    suffix: Annotated[str, Field("What it ends with.")] = ""
    constraint: Annotated[str, Field("A range of versions; all of them without one.")] = ""


class HttpListingType:
    """Looks at a page of links, or at a list in JSON."""

    name: ClassVar[str] = "http-listing"
    config: ClassVar[type[HttpListingConfig]] = HttpListingConfig
    look_seconds: ClassVar[float] = 60.0

    async def discover(self, subscription: Subscription, clients: LookClients) -> DiscoveryResult:
        """Return releases. A page that has not changed is not sent again."""
        wanted: HttpListingConfig = subscription.wanted
        files = await _files(wanted.url, subscription, clients)
        return releases.found(
            subscription,
            files,
            prefix=wanted.prefix,
            suffix=wanted.suffix,
            constraint=wanted.constraint,
        )


async def _files(url: str, subscription: Subscription, clients: LookClients) -> dict[str, Any]:
    if clients.egress is None:
        raise Unavailable("this process sends no HTTP requests")
    # Nothing of the Project decides what is asked, so all Projects may share what was answered.
    key = (HttpListingType.name, url)
    etag, files = (None, {}) if subscription.is_manual else clients.findings.get(key) or (None, {})
    answer = await clients.egress.request(
        "GET",
        url,
        headers={"If-None-Match": etag} if etag else {},
        most_bytes=MOST_BYTES,
    )
    if answer.status == 304 and etag:
        return files
    if answer.status in (401, 403):
        raise Forbidden(f"{answer.url} answered {answer.status}")
    if answer.status == 404:
        raise NotFound(f"{answer.url} answered 404; check config.url")
    if answer.status != 200:
        raise Unavailable(f"{answer.url} answered {answer.status}")
    is_json = "json" in answer.headers.get("content-type", "")
    weight = len(answer.body)
    if clients.aside is None:
        files = read(answer.body, url, is_json=is_json)
    else:  # a page may be long, and parsing it would keep everybody else waiting
        files = await clients.aside.run(
            read_as, answer.body, url, is_json, weight=weight, what=url, caller=subscription.project
        )
    clients.findings.keep(key, (answer.headers.get("etag"), files), weight=weight)
    return files


def read_as(body: bytes, url: str, is_json: bool) -> dict[str, Any]:
    """Return what `read` does: work aside has no keywords."""
    return read(body, url, is_json=is_json)


def read(body: bytes, url: str, *, is_json: bool) -> dict[str, Any]:
    """Return the files that a page lists, by name, with their URLs. Raises Unavailable for what is no list."""
    text = body.decode("utf-8", "replace")
    if not is_json:
        links = _Links()
        links.feed(text)
        return {
            unquote(link): {"url": urljoin(url, link)}
            for link in links.found
            if "/" not in link and "?" not in link and "#" not in link
        }
    try:  # nginx: autoindex_format json
        listed = json.loads(text)
        names = [str(each["name"]) for each in listed if each.get("type", "file") == "file"]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Unavailable(f"{url} answered no list of files: {error}") from error
    return {name: {"url": urljoin(url, name)} for name in names}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the target of a link."""
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]
