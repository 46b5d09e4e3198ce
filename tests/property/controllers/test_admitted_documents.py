"""Every document that is admitted, status included, goes through all code that reads it without an exception.

`make soak` takes 24,000 documents, `make test` a fixed small part of them.
"""

from __future__ import annotations

import asyncio
import logging
import random
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support import serving
from tests.support.adversary import DURATIONS, MOMENTS, TEXTS, Adversary
from tests.support.pipeline import (
    IMAGE,
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.admission.requester import ADMIN
from towpath.controllers import retention
from towpath.errors import TowpathError
from towpath.resources import annotations as keys
from towpath.resources import scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.kinds import Kind, Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.store.contract import Document

A_WORLD: Final = 60
"""Documents that are written into one control plane."""
WITNESS: Final = "witness"
MAIN_CHANNEL: Final = "main"
CORE: Final = f"/v1beta1/projects/{PROJECT}"
OWN: Final = f"/towpath/v1/projects/{PROJECT}"
STAGES: Final = tuple(Ref(scheme.STAGE, PROJECT, each) for each in ("good", "prod"))
ANNOTATIONS: Final = tuple(
    value
    for name, value in vars(keys).items()
    if name.isupper() and isinstance(value, str) and "/" in value.rstrip("/")
)
ANNOTATED: Final = (
    '{"id": "x", "actor": "y"}',
    '{"id": 1, "action": []}',
    "{",
    "[" * 10_000,
    "{url: 'http://127.0.0.1:9/', tries: 3, p95: 1s}",
    "[{url: 'http://127.0.0.1:9/', timeout: 99999999999h}, {url: 'http://[::1'}]",
    "url: http://127.0.0.1:9/\njson: {'$..': 1, '$[': .nan}",
    "Allow",
    "Forbid",
    "healthy",
    "true",
)
"""Texts that the readers of annotations look into."""
TABLE: Final = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


def _bases() -> list[tuple[Kind, Document]]:
    """Return a document that is right for each kind of which there may be many in a Project."""

    def of(kind: Kind, **fields: Any) -> tuple[Kind, Document]:
        metadata = {"name": "odd", "namespace": PROJECT}
        if not kind.namespaced:
            del metadata["namespace"]
        return kind, {
            "apiVersion": kind.api_version,
            "kind": kind.name,
            "metadata": metadata,
            **fields,
        }

    origin = {"kind": "Warehouse", "name": "main"}
    image = {"repoURL": IMAGE, "tag": "1.0.0", "digest": "sha256:" + "a" * 64}
    step = {"uses": "work", "retry": {"timeout": "5m", "errorThreshold": 2}, "config": {"a": 1}}
    metric = {"name": "m", "interval": "1m", "provider": {"web": {"url": "https://x.example"}}}
    secret = {"secretKeyRef": {"name": "login", "key": "token"}}
    analysis = {
        "metrics": [{**metric, "count": 3, "successCondition": "result > 0", "failureLimit": "1"}],
        "args": [{"name": "a", "value": "b"}, {"name": "s", "valueFrom": secret}],
        "dryRun": [{"metricName": "m"}],
        "measurementRetention": [{"metricName": "m", "limit": 2}],
        "ttlStrategy": {"secondsAfterCompletion": 100},
    }
    stage = stage_document("odd", "good", soak="1h")["spec"]
    verified = {
        **stage,
        "verification": {
            "analysisTemplates": [{"name": "smoke", "kind": "AnalysisTemplate"}],
            "args": [{"name": "a", "value": "${{ ctx.stage }}"}],
            "analysisRunMetadata": {"labels": {"a": "b"}, "annotations": {"a": "b"}},
        },
    }
    hook = {
        "stageSelector": {"name": "good"},
        "events": ["promotion-succeeded", "health-changed", "freight-approved"],
        "when": "${{ ctx.event.stage == 'good' }}",
        "blocking": True,
        "retry": {"attempts": 2, "backOff": "1m"},
        "vars": [{"name": "a", "value": "b"}],
        "steps": [step],
    }
    told = {"kind": "MessageChannel", "name": MAIN_CHANNEL}
    http = {
        "url": "http://127.0.0.1:9/x",
        "headers": [{"name": "a", "value": "b"}],
        "queryParams": [{"name": "a", "value": "b"}],
        "timeout": "5s",
        "successExpression": "response.status == 200",
    }
    delivery = {"retryFor": "1h", "mostWaiting": 5, "keepDelivered": "1h"}
    channel = {"http": http, "delivery": delivery}
    router = {
        "types": ["PromotionSucceeded", "FreightApproved"],
        "when": "event.stageName == 'good'",
        "output": "${{ event.message }}",
        "groupingKey": "${{ event.stageName }}",
        "channels": [told],
    }
    connection = {"projects": ["*"], "rest": {"secretRef": {"name": "argocd"}}}
    happened = {
        "involvedObject": {"kind": "Stage", "name": "good", "namespace": PROJECT},
        "reason": "PromotionSucceeded",
        "message": "text",
        "firstTimestamp": "2026-01-01T00:00:00Z",
    }
    return [
        *[of(scheme.STAGE, spec=stage)] * 3,
        *[of(scheme.STAGE, spec=verified)] * 2,
        *[of(scheme.WAREHOUSE, spec=warehouse_document()["spec"])] * 2,
        *[of(scheme.FREIGHT, origin=origin, images=[image], discoveredAt="2026-01-01T00:00:00Z")]
        * 3,
        *[of(scheme.PROMOTION, spec={"stage": "good", "freight": "FREIGHT", "steps": [step]})] * 3,
        of(scheme.PROMOTION_TASK, spec={"steps": [step]}),
        of(scheme.CLUSTER_PROMOTION_TASK, spec={"steps": [step]}),
        of(scheme.PROMOTION_REQUEST, spec={"stage": "good", "freight": "FREIGHT", "targets": []}),
        of(scheme.TARGET, spec={"params": {"a": 1}}),
        of(scheme.ANALYSIS_TEMPLATE, spec={"metrics": [metric]}),
        of(scheme.CLUSTER_ANALYSIS_TEMPLATE, spec={"metrics": [metric]}),
        *[of(scheme.ANALYSIS_RUN, spec=analysis)] * 3,
        of(scheme.CONFIG_MAP, data={"a": "b"}),
        of(scheme.LEASE, spec={"holderIdentity": "x"}),
        *[of(scheme.STAGE_HOOK, spec=hook)] * 3,
        *[of(scheme.MESSAGE_CHANNEL, spec=channel)] * 2,
        of(scheme.CLUSTER_MESSAGE_CHANNEL, spec=channel),
        *[of(scheme.EVENT_ROUTER, spec=router)] * 2,
        *[of(scheme.MESSAGE, spec={"channel": told, "body": "text", "orderingKey": "a"})] * 3,
        of(scheme.ARGOCD_CONNECTION, spec=connection),
        *[of(scheme.EVENT, **happened)] * 2,
        of(scheme.EVENT, involvedObject={"kind": "Stage", "name": "good", "namespace": PROJECT}),
    ]


class _Faults(logging.Handler):
    """Keeps what was logged with an exception that is none of our errors."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, TowpathError):
            self.found.append(f"{record.getMessage()}: {error!r}")


@contextmanager
def _no_fault() -> Iterator[None]:
    """Fail if anything within logs an exception that is none of our errors."""
    handler = _Faults()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
    assert handler.found == []


class _Round:
    """One control plane, and the documents that it is given."""

    def __init__(self, world: Pipeline, seed: int) -> None:
        self.world = world
        self.source = random.Random(seed)
        self.adversary = Adversary(self.source)
        self.written: list[Ref] = []
        self.statuses = 0

    async def begin(self) -> str:
        [main_channel] = [made for kind, made in _bases() if kind is scheme.MESSAGE_CHANNEL][:1]
        main_channel["metadata"]["name"] = MAIN_CHANNEL
        await self.world.apply(
            project_document("good", "prod"),
            warehouse_document(),
            stage_document("good"),
            stage_document("prod", "good"),
            stage_document(WITNESS),
            main_channel,
        )
        freight = await self.world.freight("1.0.0")
        await self.world.settled()
        return freight

    async def write(self, number: int, freight: str) -> None:
        """Write one document, and a status for it or for one that was there."""
        kind, base = self.source.choice(_bases())
        document = self.adversary.spread(kind, base)
        document["metadata"] = {**document["metadata"], "name": f"odd-{number}"}
        if kind is scheme.FREIGHT and isinstance(document.get("images"), list):
            # Of another digest, so that it is other Freight.
            document["images"] = [{**base["images"][0], "digest": f"sha256:{number:064x}"}]
        spec = document.get("spec")
        if isinstance(spec, dict) and spec.get("freight") == "FREIGHT":
            spec["freight"] = freight
        with suppress(TowpathError):
            made = await self.world.writer.create(document, USER)
            self.written.append(made.stored.ref)
        of_kind = [
            *(ref for ref in self.written if ref.kind.status),
            Ref(scheme.STAGE, PROJECT, "good"),
            Ref(scheme.STAGE, PROJECT, "prod"),
            Ref(scheme.WAREHOUSE, PROJECT, "main"),
            Ref(scheme.PROJECT, "", PROJECT),
            Ref(scheme.FREIGHT, PROJECT, freight),
            Ref(scheme.MESSAGE_CHANNEL, PROJECT, MAIN_CHANNEL),
            *await self.made_by_us(),
        ]
        ref = self.written[-1] if self.written and self.source.random() < 0.5 else None
        ref = ref if ref is not None and ref.kind.status else self.source.choice(of_kind)
        await self.set_status(ref)
        await self.annotate()

    async def made_by_us(self) -> list[Ref]:
        """Return the runs and messages that came of what was written."""
        kinds = (scheme.HOOK_RUN, scheme.MESSAGE, scheme.ANALYSIS_RUN)
        pages = [await self.world.store.list(Query(kind=kind), limit=20) for kind in kinds]
        return [item.ref for page in pages for item in page.items]

    async def annotate(self) -> None:
        """Write an annotation that somebody reads, with whatever text, on an object that is there."""
        source = self.source
        ref = source.choice([*self.written[-5:], *await self.made_by_us(), *STAGES])
        text = source.choice((*TEXTS, *DURATIONS, *MOMENTS, *ANNOTATED))
        with suppress(TowpathError):
            await self.world.writer.annotate(ref, {source.choice(ANNOTATIONS): text}, USER)

    async def set_status(self, ref: Ref) -> None:
        """Write a status through the subresource; an entry of it that is refused is left out, and the rest tried."""
        wanted = self.adversary.status(ref.kind)
        parts = (
            [wanted]
            if not isinstance(wanted, dict)
            else [wanted, *({k: v} for k, v in wanted.items())]
        )
        for part in parts:
            with suppress(TowpathError):
                await self.world.writer.change(
                    ref,
                    lambda old, part=part: {**old, "status": part},  # type: ignore[misc]  # mypy cannot infer it
                    USER,
                    manager="m",
                    subresource="status",
                )
                self.statuses += 1
                return

    async def read(self) -> None:
        """Ask for everything that can be asked for."""
        async with serving.client(self.world) as client:
            urls = [f"{CORE}/freight?stage=prod", f"{CORE}/freight", f"{OWN}/debt"]
            for kind in scheme.SCHEME:
                root = (
                    f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
                )
                where = f"/namespaces/{PROJECT}" if kind.namespaced else ""
                urls.append(f"{root}{where}/{kind.plural}")
            for ref in [
                *self.written,
                *await self.made_by_us(),
                *(Ref(scheme.STAGE, PROJECT, each) for each in ("good", "prod")),
            ]:
                if ref.kind is scheme.STAGE:
                    urls += [
                        f"{OWN}/stages/{ref.name}/explain",
                        f"{OWN}/stages/{ref.name}/history",
                        f"{CORE}/stages/{ref.name}",
                        f"{CORE}/freight?stage={ref.name}",
                    ]
                elif ref.kind is scheme.PROMOTION:
                    urls += [
                        f"{OWN}/promotions/{ref.name}/explain",
                        f"{OWN}/promotions/{ref.name}/log",
                        f"{CORE}/promotions/{ref.name}",
                    ]
                elif ref.kind is scheme.HOOK_RUN:
                    urls += [
                        f"{OWN}/hookruns/{ref.name}/log",
                    ]
                elif ref.kind is scheme.ANALYSIS_RUN:
                    urls += [
                        f"{OWN}/analysis-runs/{ref.name}/explain",
                        f"{CORE}/analysis-runs/{ref.name}",
                    ]
                elif ref.kind is scheme.FREIGHT:
                    urls += [
                        f"{OWN}/stages/prod/explain?freight={ref.name}",
                        f"{CORE}/freight/{ref.name}",
                    ]
            for url in urls:
                for headers in ({}, TABLE) if url.startswith("/api") else ({},):
                    answer = await client.get(url, headers=headers)
                    assert answer.status_code < 500, (url, answer.text)

    async def witness(self, token: str) -> None:
        """Another Stage of the Project, and the Project itself, are reconciled."""
        await self.world.writer.annotate(
            Ref(scheme.STAGE, PROJECT, WITNESS), {REFRESH: token}, ADMIN
        )
        await self.world.clock.advance(400)
        await self.world.settled()
        assert (await self.world.status(scheme.STAGE, WITNESS))["lastHandledRefresh"] == token
        assert await self.world.condition(scheme.PROJECT, PROJECT, "Ready") != ("", "", "")

    async def collect(self) -> None:
        """Look at everything as collection does."""
        world = self.world
        await retention.RetentionReconciler(world.store, world.writer, world.clock).reconcile(
            Ref(scheme.PROJECT, "", PROJECT)
        )

    async def end(self) -> None:
        """Delete what was written, one by one, then the Project with all that is left."""
        for ref in self.written:
            with suppress(TowpathError):
                await self.world.writer.delete(ref, USER)
        await self.world.settled()
        await self.world.writer.delete(Ref(scheme.PROJECT, "", PROJECT), USER)
        for _ in range(5):
            await self.world.clock.advance(400)
            await self.world.settled()
        for kind in (
            scheme.PROJECT,
            scheme.NAMESPACE,
            scheme.STAGE,
            scheme.PROMOTION,
            scheme.FREIGHT,
        ):
            left = await self.world.store.list(Query(kind=kind))
            assert [each.ref.name for each in left.items if PROJECT in str(each.ref)] == []


async def _go(seed: int) -> tuple[int, int]:
    with tempfile.TemporaryDirectory() as folder, _no_fault():
        async with running(Path(folder), messages=True) as world:
            turn = _Round(world, seed)
            freight = await turn.begin()
            for number in range(A_WORLD):
                await turn.write(number, freight)
                if number % 20 == 19:
                    await world.settled()
            await world.settled()
            await turn.read()
            await turn.witness("first")
            await turn.collect()
            await turn.read()
            await turn.end()
            return len(turn.written), turn.statuses


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.slow
def test_what_is_admitted_stops_nothing(seed: int) -> None:
    """Every rule, reconcile, explanation, list, collection and deletion; and enough was admitted to tell."""
    written, statuses = asyncio.run(_go(seed))
    assert written >= A_WORLD // 4
    assert statuses >= A_WORLD // 4


@pytest.mark.soak
@pytest.mark.parametrize("batch", range(40))
def test_what_is_admitted_stops_nothing_for_long(batch: int) -> None:
    """24,000 documents in 400 control planes."""
    for seed in range(100 + batch * 10, 110 + batch * 10):
        asyncio.run(_go(seed))
