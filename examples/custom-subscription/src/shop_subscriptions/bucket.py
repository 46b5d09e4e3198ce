"""The subscription type `bucket`: releases among the objects of a bucket that speaks the API of S3."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import quote, urlencode

from shop_subscriptions import releases
from towpath.clients.clouds.aws import signature
from towpath.clients.clouds.aws.keys import AwsCredentials
from towpath.errors import Forbidden, NotFound, TooLarge, Unavailable
from towpath.resources import scheme
from towpath.resources.fields import Field, Struct, Text
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from towpath.artifacts.subscription import LookClients, Subscription
    from towpath.resources.warehouse import DiscoveryResult

PAGE_BYTES = 4 << 20
MOST_PAGES = 100
"""Of a thousand objects each; more is a case for a narrower prefix."""


class BucketConfig(Struct):
    """Where the bucket is, and which of its objects are releases."""

    endpoint: Annotated[
        Text,
        Field(
            "The service, such as `https://s3.eu-central-1.amazonaws.com`.",
            pattern="^https?://[^/?#]+$",
        ),
    ]
    bucket: Annotated[Text, Field("The bucket.", pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    prefix: Annotated[str, Field("What the key of a release begins with: `web/app-`.")] = ""
    suffix: Annotated[str, Field("What it ends with: `.tgz`.")] = ""
    constraint: Annotated[str, Field("A range of versions; all of them without one.")] = ""
    region: Annotated[str, Field("The region that requests are signed for.")] = "us-east-1"
    secret: Annotated[
        str,
        Field(
            "A Secret of the Project with `accessKeyID` and `secretAccessKey`; without one nothing is signed."
        ),
    ] = ""


class BucketType:
    """Lists a bucket, page by page."""

    name: ClassVar[str] = "bucket"
    config: ClassVar[type[BucketConfig]] = BucketConfig

    async def discover(self, subscription: Subscription, clients: LookClients) -> DiscoveryResult:
        """Return releases. Only objects under the prefix are listed."""
        wanted: BucketConfig = subscription.wanted
        return releases.found(
            subscription,
            await _objects(wanted, subscription, clients),
            prefix=wanted.prefix,
            suffix=wanted.suffix,
            constraint=wanted.constraint,
        )


async def _objects(
    wanted: BucketConfig, subscription: Subscription, clients: LookClients
) -> dict[str, Any]:
    credentials = await _credentials(wanted, subscription, clients)
    objects: dict[str, Any] = {}
    token = ""
    for _ in range(MOST_PAGES):
        page, token = await _page(wanted, token, credentials, subscription, clients)
        objects |= page
        if not token:
            return objects
    raise TooLarge(
        f"bucket {wanted.bucket}: more than {len(objects):,} objects begin with {wanted.prefix!r}"
    )


async def _credentials(
    wanted: BucketConfig, subscription: Subscription, clients: LookClients
) -> AwsCredentials | None:
    """Return the key to sign with. A Secret is read at every look: one that was changed counts at once."""
    if not wanted.secret:
        return None
    values = await clients.credentials.open_secret(
        Ref(scheme.SECRET, subscription.project, wanted.secret),
        actor="controller:warehouse-controller",
        reason=f"discovery of Warehouse {subscription.project}/{subscription.warehouse}",
    )
    if not values or not values.get("accessKeyID") or not values.get("secretAccessKey"):
        raise Forbidden(
            f"Secret {wanted.secret}: it is not there, or has no accessKeyID and secretAccessKey"
        )
    return AwsCredentials(
        key_id=values["accessKeyID"].strip(),
        secret_key=values["secretAccessKey"].strip(),
        region=wanted.region,
    )


async def _page(
    wanted: BucketConfig,
    token: str,
    credentials: AwsCredentials | None,
    subscription: Subscription,
    clients: LookClients,
) -> tuple[dict[str, Any], str]:
    """Return objects of a page, and by what the next page is asked for; empty if there is none."""
    if clients.egress is None:
        raise Unavailable("this process sends no HTTP requests")
    asked = {"list-type": "2", "prefix": wanted.prefix}
    if token:
        asked["continuation-token"] = token
    url = f"{wanted.endpoint}/{wanted.bucket}?{urlencode(sorted(asked.items()), quote_via=quote)}"
    headers: list[tuple[str, str]] = []
    if credentials is not None:
        headers.append(("x-amz-content-sha256", hashlib.sha256(b"").hexdigest()))
        headers += signature.headers(
            "GET", url, headers, b"", credentials=credentials, service="s3", now=subscription.now
        )
    answer = await clients.egress.request(
        "GET",
        url,
        headers=dict(headers),
        most_bytes=PAGE_BYTES,
        account=credentials.key_id if credentials else "",
    )
    where = f"bucket {wanted.bucket} at {wanted.endpoint}"
    if answer.status in (401, 403):
        raise Forbidden(
            f"{where} answered {answer.status}; config.secret names the Secret with the key"
        )
    if answer.status == 404:
        raise NotFound(f"{where} answered 404")
    if answer.status != 200:
        raise Unavailable(f"{where} answered {answer.status}")
    if clients.aside is None:
        return read(answer.body, where)
    return await clients.aside.run(
        read, answer.body, where, weight=len(answer.body), what=where, caller=subscription.project
    )


def read(body: bytes, where: str) -> tuple[dict[str, Any], str]:
    """Return what a page lists: objects by key, and the token of the next page. Raises Unavailable for what is no page."""
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise Unavailable(f"{where} answered no list of objects: {error}") from error
    if root.tag.rpartition("}")[2] != "ListBucketResult":
        raise Unavailable(f"{where} answered no list of objects but {root.tag[:100]}")
    objects: dict[str, Any] = {}
    token = ""
    for element in root:
        name = element.tag.rpartition("}")[2]
        if name == "NextContinuationToken":
            token = element.text or ""
        elif name == "Contents":
            told = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
            objects[told.get("Key", "")] = {
                "key": told.get("Key", ""),
                "etag": told.get("ETag", "").strip('"'),
                "lastModified": told.get("LastModified", ""),
                "size": int(told["Size"]) if told.get("Size", "").isdecimal() else 0,
            }
    return objects, token
