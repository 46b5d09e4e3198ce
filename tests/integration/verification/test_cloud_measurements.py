"""Measurements of services of others, taken as runs have them taken: Secrets from the store, masked, and in flight over a restart."""

from __future__ import annotations

import base64
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cloud_metrics import DATADOG, KayentaState, judged
from tests.support.measure_context import NOW
from tests.support.metric_servers import as_json, standing
from tests.support.stores import ACTOR, document, opened
from towpath.clients.http import Egress
from towpath.clock import VirtualClock
from towpath.credentials.finder import Credentials
from towpath.resources import scheme
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.analysis_template import Metric
from towpath.resources.labels import CREDENTIAL_TYPE
from towpath.resources.shared_namespaces import SHARED
from towpath.resources.structs import view
from towpath.rules.analysis.schedule import Action
from towpath.runtime.aside import Aside
from towpath.verification.aws_access import NoAws
from towpath.verification.job import NoJobs
from towpath.verification.known_secrets import KnownSecrets
from towpath.verification.registry import ProviderRegistry
from towpath.verification.taking import (
    MeasuredRun,
    MeasurementOrder,
    MeasurementTaker,
    MeasuringSurroundings,
)
from towpath.verification.tally import MeasurementTally

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from towpath.resources.analysis_run import Measurement
    from towpath.store.contract import Store


@contextlib.asynccontextmanager
async def _taking(store: Store, url: str) -> AsyncIterator[Callable[..., Any]]:
    """Yield what takes a measurement, each time by a taker that knows nothing of the others."""
    clock = VirtualClock(NOW)
    where = url.partition("://")[2]
    async with Egress(allow=[where], clock=clock) as egress, Aside() as aside:
        around = MeasuringSurroundings(
            store=store,
            credentials=Credentials(store),
            egress=egress,
            aside=aside,
            clock=clock,
            jobs=NoJobs(),
            aws=NoAws(),
            actor=ACTOR,
        )

        async def take(
            metric: dict[str, Any], action: Action = Action.START, metadata: Mapping[str, str] = {}
        ) -> Measurement:
            run = MeasuredRun(
                project="shop",
                name="r",
                uid="u",
                started=NOW - timedelta(hours=2),
                known=KnownSecrets(),
            )
            order = MeasurementOrder(
                action=action,
                metric=view(Metric, {"name": "m"} | metric),
                number=1,
                begun="2026-03-01T12:00:00Z",
                due=NOW,
                metadata=metadata,
            )
            taker = MeasurementTaker(ProviderRegistry.installed(), around, MeasurementTally())
            return await taker.take(run, order)

        yield take


async def _secret(store: Store, namespace: str, values: Mapping[str, str], label: str = "") -> None:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    labels = {CREDENTIAL_TYPE: label} if label else {}
    made = document(scheme.SECRET, "datadog", namespace, labels=labels, data=data)
    await store.create(made, actor=ACTOR)


_DATADOG = {"provider": {"datadog": {"query": "avg:a{*}"}}, "successCondition": "result < 1"}


async def test_a_shared_secret_is_read_where_it_is_labelled_for_it(tmp_path: Path) -> None:
    """And the Project's own before it; what a server says of a key is masked."""
    with standing(lambda _: as_json({"series": [{"pointlist": [[1, 0.5]]}]})) as server:
        async with opened(tmp_path) as store, _taking(store, server.url) as take:
            found = await take(_DATADOG)
            assert found.phase == AnalysisPhase.ERROR
            assert "Secret shop/datadog does not exist, nor does" in found.message

            await _secret(store, SHARED, DATADOG | {"address": server.url}, "generic")
            found = await take(_DATADOG)
            assert (found.phase, found.value) == (AnalysisPhase.SUCCESSFUL, "0.5")
            assert server.asked[-1].headers["DD-API-KEY"] == DATADOG["api-key"]

            own = {"api-key": "own-api-key", "app-key": "own-app-key", "address": server.url}
            await _secret(store, "shop", own)
            server.fault = (403, {}, b"no such key: own-api-key")
            found = await take(_DATADOG)
            assert found.phase == AnalysisPhase.ERROR
            assert "HTTP 403" in found.message
            assert found.message.endswith("no such key: *****")
            assert server.asked[-1].headers["DD-API-KEY"] == "own-api-key"


async def test_a_shared_secret_for_other_purposes_is_not_read(tmp_path: Path) -> None:
    """Such as one for Git."""
    with standing(lambda _: as_json({})) as server:
        async with opened(tmp_path) as store, _taking(store, server.url) as take:
            await _secret(store, SHARED, DATADOG | {"address": server.url}, "git")
            found = await take(_DATADOG)
    assert found.phase == AnalysisPhase.ERROR
    assert "is not there for Projects to read" in found.message
    assert server.asked == []


@pytest.mark.parametrize("ends", [Action.RESUME, Action.TERMINATE])
async def test_an_analysis_of_kayenta_is_waited_for_by_who_knows_its_record_alone(
    tmp_path: Path, ends: Action
) -> None:
    """After a restart it is not begun a second time."""
    scope = {"scope": "a", "region": "eu", "step": 60}
    kayenta = KayentaState(statuses=[{"complete": False}, judged(95)])
    with standing(kayenta.respond) as server:
        config = {
            "address": server.url,
            "application": "shop",
            "canaryConfigName": "shop",
            "metricsAccountName": "metrics",
            "configurationAccountName": "config",
            "storageAccountName": "storage",
            "threshold": {"pass": 90, "marginal": 75},
            "scopes": [{"name": "a", "controlScope": scope, "experimentScope": scope}],
        }
        metric = {"interval": "30m", "provider": {"kayenta": config}}
        async with opened(tmp_path) as store, _taking(store, server.url) as take:
            begun = await take(metric)
            assert (begun.phase, begun.resume_at) == (
                AnalysisPhase.RUNNING,
                "2026-03-01T12:00:15Z",
            )
            going_on = await take(metric, Action.RESUME, begun.metadata)
            assert going_on.phase == AnalysisPhase.RUNNING
            assert going_on.metadata == {"canaryExecutionId": "run/1"}
            over = await take(metric, ends, going_on.metadata)
    resumed = ends is Action.RESUME
    wanted = AnalysisPhase.SUCCESSFUL if resumed else AnalysisPhase.INCONCLUSIVE
    assert (over.phase, over.value) == (wanted, "95" if resumed else "")
    (sent,) = kayenta.begun
    assert sent["scopes"]["a"]["controlScope"]["start"] == "2026-03-01T11:30:00Z"
