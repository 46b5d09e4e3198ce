"""The provider `kayenta`, against a stand-in that begins analyses and tells how far they are."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.support.cloud_metrics import KayentaState, judged
from tests.support.measure_context import NOW, measuring
from tests.support.metric_servers import FAULTS, NO_JSON, as_json, standing
from towpath.errors import BadRequest, TowpathError
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.analysis_template import KayentaMetric
from towpath.resources.structs import view
from towpath.verification.provider import InFlight, Judged
from towpath.verification.providers.kayenta import Kayenta

SCOPE = {"scope": "shop-a", "region": "eu", "step": 60}
SCOPES = [
    {"name": "default", "controlScope": SCOPE, "experimentScope": SCOPE | {"scope": "shop-b"}}
]
CONFIG = {
    "application": "shop",
    "canaryConfigName": "shop",
    "metricsAccountName": "metrics",
    "configurationAccountName": "config",
    "storageAccountName": "storage",
    "threshold": {"pass": 90, "marginal": 75},
    "scopes": SCOPES,
}
BEGUN = {"canaryExecutionId": "run/1"}


def _config(address: str, **more: Any) -> KayentaMetric:
    return view(KayentaMetric, {"address": address} | CONFIG | more)


async def test_an_analysis_is_begun_and_waited_for() -> None:
    """It is looked at every 15 seconds, by an instance that knows nothing of it."""
    kayenta = KayentaState(statuses=[{"complete": False}, {"complete": False}, judged(95.9)])
    with standing(kayenta.respond) as server:
        async with measuring(server.url) as context:
            found = await Kayenta().measure(context, _config(server.url))
            for _ in range(2):
                assert found == InFlight(resume_seconds=15.0, metadata=BEGUN)
                found = await Kayenta().resume(context, _config(server.url), found.metadata)
            assert isinstance(found, InFlight)
            found = await Kayenta().resume(context, _config(server.url), found.metadata)
    assert found == Judged(phase=AnalysisPhase.SUCCESSFUL, shown="95", metadata=BEGUN)
    assert len(kayenta.begun) == 1


@pytest.mark.parametrize(
    ("more", "start"),
    [
        ({}, "2026-03-01T11:55:00Z"),
        ({"lookback": True}, "2026-03-01T11:00:00Z"),
    ],
)
async def test_the_time_is_one_interval_or_the_run_so_far(more: dict[str, Any], start: str) -> None:
    """And a region is called a location."""
    kayenta = KayentaState()
    with standing(kayenta.respond) as server:
        began = NOW - timedelta(hours=1)
        async with measuring(server.url, run_started=began, interval_seconds=300.0) as context:
            await Kayenta().measure(context, _config(server.url, **more))
    time = {"start": start, "end": "2026-03-01T12:00:00Z"}
    scope = {"scope": "shop-a", "location": "eu", "step": 60} | time
    assert kayenta.begun == [
        {
            "scopes": {
                "default": {"controlScope": scope, "experimentScope": scope | {"scope": "shop-b"}}
            },
            "thresholds": {"pass": 90, "marginal": 75},
        }
    ]


async def test_a_time_that_is_written_stays() -> None:
    """And without an interval the run's beginning is taken."""
    kayenta = KayentaState()
    written = SCOPE | {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}
    scopes = [{"name": "a", "controlScope": written, "experimentScope": SCOPE}]
    with standing(kayenta.respond) as server:
        began = NOW - timedelta(hours=1)
        async with measuring(server.url, run_started=began) as context:
            await Kayenta().measure(context, _config(server.url, scopes=scopes))
    sent = kayenta.begun[0]["scopes"]["a"]
    assert sent["controlScope"]["start"] == "2026-01-01T00:00:00Z"
    assert sent["controlScope"]["end"] == "2026-01-02T00:00:00Z"
    assert sent["experimentScope"]["start"] == "2026-03-01T11:00:00Z"


@pytest.mark.parametrize(
    ("score", "phase", "shown"),
    [
        (100, AnalysisPhase.SUCCESSFUL, "100"),
        (90, AnalysisPhase.SUCCESSFUL, "90"),
        (89.99, AnalysisPhase.INCONCLUSIVE, "89"),
        (75, AnalysisPhase.INCONCLUSIVE, "75"),
        (74.99, AnalysisPhase.FAILED, "74"),
        (0, AnalysisPhase.FAILED, "0"),
    ],
)
async def test_the_score_is_cut_and_the_thresholds_decide(
    score: float, phase: AnalysisPhase, shown: str
) -> None:
    """From pass on it is successful, from marginal on inconclusive."""
    with standing(KayentaState(statuses=[judged(score)]).respond) as server:
        async with measuring(server.url) as context:
            found = await Kayenta().resume(context, _config(server.url), BEGUN)
    assert found == Judged(phase=phase, shown=shown, metadata=BEGUN)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({}, "whether the analysis is complete"),
        ({"complete": "yes"}, "whether the analysis is complete"),
        ([], "whether the analysis is complete"),
        ({"complete": True, "status": "terminal"}, "without a score, its status is terminal"),
        ({"complete": True, "result": {"judgeResult": {"score": 7}}}, "without a score"),
    ],
)
async def test_an_analysis_without_a_score_is_an_error(status: Any, said: str) -> None:
    """And one that does not say whether it is over."""
    with standing(KayentaState(statuses=[status]).respond) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match=f"GET .*/canary/run%2F1: .*{said}"):
                await Kayenta().resume(context, _config(server.url), BEGUN)


@pytest.mark.parametrize(
    ("configurations", "said"),
    [
        ([{"id": "1", "name": "other"}], r"no configuration 'shop' .*; there is other"),
        ([], "there is none"),
        ({}, "no list of configurations"),
        ([{"name": "shop"}], "a configuration has no id"),
    ],
)
async def test_a_configuration_that_is_not_there_is_named(configurations: Any, said: str) -> None:
    """With those that are."""
    with standing(KayentaState(configurations=configurations).respond) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match=said):
                await Kayenta().measure(context, _config(server.url))


async def test_an_analysis_that_has_no_id_is_an_error() -> None:
    """Nothing could be waited for."""

    def respond(request: Any) -> Any:
        return as_json([{"id": "1", "name": "shop"}] if request.method == "GET" else {"id": 1})

    with standing(respond) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match="it has no canaryExecutionId"):
                await Kayenta().measure(context, _config(server.url))


@pytest.mark.parametrize("how", ["measure", "resume"])
@pytest.mark.parametrize("fault", FAULTS | NO_JSON)
async def test_a_fault_is_an_error_that_says_what_came(fault: str, how: str) -> None:
    """Whenever it comes."""
    answer, said = (FAULTS | NO_JSON)[fault]
    with standing(KayentaState(statuses=[judged(90)]).respond) as server:
        server.fault = answer
        async with measuring(server.url) as context:
            config = _config(server.url)
            asking = (
                Kayenta().measure(context, config)
                if how == "measure"
                else Kayenta().resume(context, config, BEGUN)
            )
            with pytest.raises(TowpathError) as caught:
                await asking
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message


async def test_a_run_that_ends_waits_no_longer() -> None:
    """The measurement has no verdict then, whether it had begun or was cut off."""
    async with measuring() as context:
        for noted in (BEGUN, {}):
            found = await Kayenta().terminate(context, _config("http://k"), noted)
            assert found == Judged(phase=AnalysisPhase.INCONCLUSIVE, metadata=noted)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"address": ""}, "kayenta.address: write the address"),
        ({"threshold": None}, "kayenta.threshold: write pass and marginal"),
        ({"threshold": {"pass": "90"}}, "kayenta.threshold.marginal: write a whole number"),
        ({"scopes": []}, "kayenta.scopes: write one"),
        ({"scopes": SCOPES * 2}, "kayenta.scopes[1].name: 'default' stands twice"),
        ({"scopes": [{"name": "a"}]}, "scopes[0].controlScope: write scope"),
        (
            {"scopes": [{"name": "a", "controlScope": SCOPE | {"region": ""}}]},
            "controlScope.region: write a text",
        ),
        (
            {"scopes": [{"name": "a", "controlScope": SCOPE | {"step": "1m"}}]},
            "controlScope.step: write a whole number",
        ),
    ],
)
async def test_what_is_incomplete_is_named(config: dict[str, Any], said: str) -> None:
    """Before anybody is asked."""
    async with measuring() as context:
        with pytest.raises(BadRequest, match=re.escape(said)):
            await Kayenta().measure(
                context, view(KayentaMetric, {"address": "http://k"} | CONFIG | config)
            )
