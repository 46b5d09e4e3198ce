"""The pages of metric providers: every example is a metric that is taken, and is measured as the page says.

A metric is followed by "When the server answers", a block that is the answer, and a line that says what the measurement is: its
phase, and its value or how its message ends. The server stands for all addresses of a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cloud_metrics import DATADOG, INFLUXDB, NEW_RELIC, GivenAws, OneServer
from tests.support.measure_context import measuring
from tests.support.metric_servers import standing
from towpath.resources import scheme
from towpath.resources.analysis_template import Metric
from towpath.resources.structs import view
from towpath.resources.validation import admit
from towpath.verification import answers
from towpath.verification.known_secrets import KnownSecrets
from towpath.verification.registry import ProviderRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[3] / "docs/reference/metric-providers"
REGISTRY = ProviderRegistry.installed()
PAGES = sorted(path.name for path in FOLDER.glob("*.md"))
SECRETS = {
    "datadog": DATADOG,
    "influxdb-shop": INFLUXDB | {"address": "https://influxdb.example.com"},
    "newrelic": NEW_RELIC,
    "newrelic-shop": NEW_RELIC,
    "wavefront-api-tokens": {"shop.wavefront.com": "wf-token-1"},
}
"""That the Project of the examples has."""
_METRICS = re.compile(r"^```yaml\n(- name:.*?)^```\n(.*?)(?=^```yaml|\Z)", re.MULTILINE | re.DOTALL)
_ANSWER = re.compile(
    r"When the server answers\n\n```(\w+)\n(.*?)^```\n\n([^|#]*)", re.MULTILINE | re.DOTALL
)
_ARGUMENT = re.compile(r"`([a-z-]+)` is `([^`]+)`")
_REFERENCE = re.compile(r"\{\{args\.([a-z-]+)\}\}")
_PHASE = re.compile(r"the\s+measurement\s+is\s+`(\w+)`")
_VALUE = re.compile(r"its\s+value\s+`([^`]+)`")
_MESSAGE = re.compile(r"its\s+message\s+ends\s+with\s+`([^`]+)`")


@dataclass(frozen=True)
class Example:
    """A metric, and what it is measured to be."""

    metric: dict[str, Any]
    answer: bytes = b""
    says: str = ""


def examples(page: str) -> Iterator[Example]:
    """Yield the examples of a page."""
    for block in _METRICS.finditer((FOLDER / page).read_text("utf-8")):
        answered = _ANSWER.search(block[2])
        says = answered[3] if answered else ""
        named = dict(_ARGUMENT.findall(says))
        text = _REFERENCE.sub(
            lambda found, named=named: named.get(found[1], "an argument"), block[1]
        )
        for metric in yaml.safe_load(text):
            answer = answered[2].encode() if answered else b""
            if answered and answered[1] == "text":
                answer = answer.rstrip(b"\n")
            yield Example(metric, answer, says)


MEASURED = [
    pytest.param(each, id=f"{page}-{each.metric['name']}")
    for page in PAGES
    for each in examples(page)
    if each.answer
]


def test_every_provider_has_its_page_and_is_in_the_list() -> None:
    """Under its name."""
    assert {f"{name}.md" for name in REGISTRY.names} | {"README.md"} == set(PAGES)
    listed = re.findall(
        r"^\| \[`([A-Za-z]+)`\]\(([A-Za-z]+)\.md\)",
        (FOLDER / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert sorted(listed) == sorted((name, name) for name in REGISTRY.names)


@pytest.mark.parametrize("page", PAGES)
def test_every_example_is_taken(page: str) -> None:
    """By the template, and by the provider that it names; a page has some of its own."""
    found = list(examples(page))
    document = {
        "apiVersion": scheme.ANALYSIS_TEMPLATE.api_version,
        "kind": scheme.ANALYSIS_TEMPLATE.name,
        "metadata": {"name": "a", "namespace": "shop"},
        "spec": {"metrics": [each.metric for each in found]},
    }
    admit(document, scheme.ANALYSIS_TEMPLATE)
    named = {REGISTRY.choose(each.metric["provider"]).provider.name for each in found}
    assert page == "README.md" or page.removesuffix(".md") in named


@pytest.mark.parametrize("example", MEASURED)
async def test_every_example_is_measured_as_it_is_said(example: Example) -> None:
    """Phase, value and message."""
    metric = view(Metric, example.metric)
    phase, value, message = (
        found[1] if (found := each.search(example.says)) else ""
        for each in (_PHASE, _VALUE, _MESSAGE)
    )
    assert phase
    chosen = REGISTRY.choose(example.metric["provider"])
    with standing(lambda _: (200, {}, example.answer)) as server:
        async with measuring(server.url, secrets=SECRETS, aws=GivenAws()) as context:
            one: Any = OneServer(context.http, server.url)
            answer = await chosen.provider.measure(replace(context, http=one), chosen.config)

            async def judge(value: Any) -> Any:
                return await answers.worth(
                    metric, value, aside=context.aside, caller="shop", known=KnownSecrets()
                )

            measured = await answers.measurement(
                answer,
                begun="2026-01-01T00:00:00Z",
                now=context.now,
                known=KnownSecrets(),
                judge=judge,
            )
    assert measured.phase == phase
    assert not value or measured.value == value
    assert measured.message.endswith(message)
