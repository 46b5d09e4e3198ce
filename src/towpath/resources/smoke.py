"""A smoke test: one address, and what must be true of its answer.

It stands below `provider.plugin.smoke` of a metric, and by itself, in a few lines, in the annotation
`towpath.dev/smoke` of a Stage.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

import msgspec

from towpath.resources import value_formats
from towpath.resources.analysis_template import Header
from towpath.resources.fields import Field, Json, Struct
from towpath.resources.schema import Rule

TRIES_WITH_P95: Final = 20
"""How often the address is asked where `p95` is wanted and `tries` is not given; else once."""
MOST_TRIES: Final = 100
SECONDS: Final = 10.0
"""For one request, where `timeout` is not given."""


def _written(value: object) -> bool:
    return value not in (None, "", 0, [], {})


class SmokeMetric(Struct, kw_only=True):
    """What is asked, and what must be true of the answer. Where nothing is said, a status of 200 to 299 is enough."""

    RULES: ClassVar = (
        Rule(
            expression="!has(self.tlsDays) || self.url.startsWith('https://')",
            message="tlsDays asks for a certificate: write an url that begins with https://",
            holds=lambda test, _: (
                not _written(test.get("tlsDays"))
                or not isinstance(test.get("url"), str)
                or test["url"].lower().startswith("https://")
            ),
        ),
    )

    url: Annotated[
        str,
        Field(
            "Address that is asked, `http://` or `https://`.",
            max_length=2048,
            form=value_formats.WEB_ADDRESS,
        ),
    ]
    method: Annotated[
        str, Field("Method; GET if absent.", enum=("GET", "HEAD", "POST", "OPTIONS"))
    ] = ""
    headers: Annotated[list[Header], Field("Headers to send.", max_items=20)] = []
    status: Annotated[
        int,
        Field(
            "Status that is wanted; any of 200 to 299 if absent.",
            format="int32",
            minimum=100,
            maximum=599,
        ),
    ] = 0
    body: Annotated[
        str, Field("Text that the body must hold, letter by letter.", max_length=1024)
    ] = ""
    matches: Annotated[
        str,
        Field(
            "Regular expression (RE2) that must match somewhere in the body.",
            max_length=1024,
            form=value_formats.PATTERN,
        ),
    ] = ""
    json: Annotated[
        dict[str, Json],
        Field("What the body must say as JSON: the wanted value by JSONPath, such as `$.version`."),
    ] = {}
    tls_days: Annotated[
        int,
        Field(
            "Days for which the certificate must be valid still.",
            format="int32",
            minimum=0,
            maximum=3650,
        ),
    ] = msgspec.field(default=0, name="tlsDays")
    p95: Annotated[
        str,
        Field(
            "Time within which 95 of 100 requests must be answered, such as `300ms`.",
            form=value_formats.POSITIVE_DURATION,
        ),
    ] = ""
    tries: Annotated[
        int,
        Field(
            f"How often the address is asked; each answer must be right. {TRIES_WITH_P95} with `p95`, else once.",
            format="int32",
            minimum=1,
            maximum=MOST_TRIES,
        ),
    ] = 0
    timeout: Annotated[
        str,
        Field(
            "How long one request may take; `10s` if absent.", form=value_formats.POSITIVE_DURATION
        ),
    ] = ""
    insecure: Annotated[bool, Field("Whether to accept any certificate. Unsafe.")] = False


class SmokeTest(SmokeMetric, kw_only=True):
    """A smoke test of a Stage, as its annotation `towpath.dev/smoke` says it."""

    name: Annotated[
        str,
        Field(
            "Name of the metric; `smoke`, `smoke-2` and so on if absent.",
            max_length=63,
            pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        ),
    ] = ""
