"""Stages that are verified, and what becomes of their verifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.pipeline import IMAGE, PROJECT, USER, Pipeline, stage_document
from towpath.resources import scheme
from towpath.resources.annotations import SMOKE
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.store.contract import Document, Stored

TEMPLATE: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AnalysisTemplate",
    "metadata": {"name": "web", "namespace": PROJECT},
    "spec": {
        "args": [{"name": "url"}, {"name": "tag", "value": "none"}],
        "metrics": [
            {
                "name": "up",
                "provider": {"web": {"url": "{{args.url}}/{{args.tag}}"}},
            }
        ],
    },
}
FROM_IMAGE = f"${{{{ imageFrom('{IMAGE}').Tag }}}}"


def verified_stage(*templates: str, name: str = "dev", smoke: str = "", **args: str) -> Document:
    """Return a Stage that is verified by templates."""
    document = stage_document(name)
    document["spec"]["verification"] = {
        "analysisTemplates": [{"name": each} for each in templates],
        "args": [{"name": key, "value": value} for key, value in args.items()],
    }
    if smoke:
        document["metadata"]["annotations"] = {SMOKE: smoke}
    return document


async def runs(world: Pipeline) -> list[Stored]:
    """Return the AnalysisRuns that there are, oldest first."""
    found = (await world.store.list(Query(kind=scheme.ANALYSIS_RUN))).items
    return sorted(found, key=lambda item: item.ref.name)


async def run_of(world: Pipeline, stage: str = "dev") -> Ref:
    """Return the run of the newest verification of what a Stage holds."""
    name = (await entries(world, stage))[0]["analysisRun"]["name"]
    return Ref(scheme.ANALYSIS_RUN, PROJECT, name)


async def come_to(world: Pipeline, phase: str, message: str = "") -> None:
    """Have the newest run of the Stage come to something."""
    ref = await run_of(world)
    status = {"phase": phase}
    if message:
        status["message"] = message
    if phase not in ("Pending", "Running"):
        status["completedAt"] = "2030-01-01T00:00:00Z"
    await world.writer.set_status(ref, lambda _: status, USER)
    await world.settled()


async def entries(world: Pipeline, name: str = "dev") -> list[Document]:
    """Return the verifications of what a Stage holds, newest first."""
    history = (await world.status(scheme.STAGE, name)).get("freightHistory") or [{}]
    found: list[Document] = history[0].get("verificationHistory") or []
    return found


async def reasons(world: Pipeline) -> list[str]:
    """Return the reasons of the Events about verifications, oldest first."""
    found = [item.document for item in (await world.store.list(Query(kind=scheme.EVENT))).items]
    found.sort(key=lambda event: event["firstTimestamp"])
    return [
        str(each["reason"]).removeprefix("FreightVerification")
        for each in found
        if str(each["reason"]).startswith("FreightVerification")
    ]


async def ask(world: Pipeline, annotation: str, id_: str, name: str = "dev") -> None:
    """Ask for a verification to be run again or given up."""
    await world.writer.annotate(Ref(scheme.STAGE, PROJECT, name), {annotation: id_}, USER)
    await world.settled()
