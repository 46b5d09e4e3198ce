"""The providers that need no account anywhere keep the contract, as the kit for authors of providers checks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from towpath.clients.clouds.aws.keys import AwsCredentials
from towpath.testing.providers import ProviderConformance, ProviderExample
from towpath.verification.job import Job, JobPhase, JobState
from towpath.verification.provider import HttpAnswer, InFlight, Judged, Measured
from towpath.verification.registry import ProviderRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.testing.providers import AskedRequest

PAGES = Path(__file__).resolve().parents[3] / "docs/reference/metric-providers"
REGISTRY = ProviderRegistry.installed()


def _answers(value: Any) -> Callable[[AskedRequest], HttpAnswer]:
    answer = HttpAnswer(status=200, headers={}, body=json.dumps(value).encode())
    return lambda _: answer


class _Aws:
    """A key."""

    async def credentials(
        self, *, region: str = "", profile: str = "", role: str = ""
    ) -> AwsCredentials:
        """Return it."""
        del profile, role
        return AwsCredentials(key_id="AKID", secret_key="s3cret", region=region)


class _Jobs:
    """Jobs that are as far as they are told to be."""

    def __init__(self, phase: JobPhase) -> None:
        self._phase = phase

    async def begin(self, job: Job) -> JobState:
        """Tell how far it is."""
        assert job.container.environment == {"TOKEN": "t0ken"}
        return JobState(phase=self._phase)

    async def look(self, name: str) -> JobState | None:
        """Tell how far it is."""
        assert name
        return JobState(phase=self._phase)

    async def end(self, name: str) -> JobState | None:
        """Tell that it was ended."""
        assert name
        return JobState(phase=JobPhase.ENDED)


SAMPLES = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "0.5"]}]},
}
JOB = {
    "spec": {
        "template": {
            "spec": {
                "containers": [
                    {
                        "image": "check",
                        "env": [
                            {
                                "name": "TOKEN",
                                "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}},
                            }
                        ],
                    }
                ]
            }
        }
    }
}
KEYS = {"keys": {"token": "t0ken"}}

EXAMPLES: dict[str, list[ProviderExample]] = {
    "graphite": [
        ProviderExample(
            config={"address": "https://g.example", "query": "target=a&from=-5min"},
            respond=_answers([{"target": "a", "datapoints": [[1, 1], [None, 2]]}]),
            outcome=Measured,
            value=[1.0],
        )
    ],
    "job": [
        ProviderExample(config=JOB, jobs=_Jobs(JobPhase.RUNNING), secrets=KEYS, outcome=InFlight),
        ProviderExample(config=JOB, jobs=_Jobs(JobPhase.COMPLETE), secrets=KEYS, outcome=Judged),
    ],
    "prometheus": [
        ProviderExample(
            config={"address": "https://p.example", "query": "up"},
            respond=_answers(SAMPLES),
            outcome=Measured,
            value=[0.5],
        ),
        ProviderExample(
            config={
                "address": "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1",
                "query": "up",
                "authentication": {"sigv4": {"region": "eu-west-1"}},
            },
            respond=_answers(SAMPLES),
            aws=_Aws(),
            outcome=Measured,
        ),
    ],
    "smoke": [
        ProviderExample(
            config={"url": "https://s.example", "json": {"$.ok": True}, "tlsDays": 10, "tries": 2},
            respond=_answers({"ok": True}),
            outcome=Judged,
        ),
        ProviderExample(config={"url": "https://s.example", "matches": "^a"}, outcome=Judged),
    ],
    "web": [
        ProviderExample(
            config={"url": "https://w.example", "jsonPath": "{$.a[*].b}"},
            respond=_answers({"a": [{"b": 1}]}),
            outcome=Measured,
            value=1.0,
        ),
        ProviderExample(
            config={"url": "https://w.example", "method": "POST", "jsonBody": {"a": 1}},
            respond=lambda _: HttpAnswer(status=200, headers={}, body=b"text"),
            outcome=Measured,
            value="text",
        ),
    ],
}


@pytest.mark.parametrize("name", EXAMPLES)
async def test_a_provider_keeps_the_contract(name: str) -> None:
    """Whatever servers answer, and whoever cancels it."""
    provider = REGISTRY.find(name)
    assert provider is not None
    conformance = ProviderConformance(type(provider), EXAMPLES[name], page=PAGES / f"{name}.md")
    assert await conformance.problems() == []
