"""Warnings about Stages: where their Freight is to come from, the tasks they run, and what verifies them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.admission.warnings import steps, unheeded
from towpath.resources.annotations import HEALTH_DEADLINE, SMOKE, SOAK
from towpath.rules.written_steps import Allowance, Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.admission.warnings.known import KnownObjects
    from towpath.rules.written_steps import StepKind
    from towpath.store.contract import Document

_REQUESTS: Final = "spec.requestedFreight"
_STEPS: Final = "spec.promotionTemplate.spec.steps"
_TEMPLATES: Final = "spec.verification.analysisTemplates"
_OF_WHAT_RUNS: Final = (SMOKE, SOAK, HEALTH_DEADLINE)
"""Annotations about what runs in a Stage."""


@dataclass(frozen=True, slots=True)
class References:
    """What a Stage names; None: the one who writes may not know what there is of the kind."""

    warehouses: KnownObjects | None = None
    stages: KnownObjects | None = None
    tasks: Mapping[str, KnownObjects | None] | None = None
    """By kind."""
    templates: Mapping[str, KnownObjects | None] | None = None
    """By kind."""


def of_stage(document: Document, kinds: Mapping[str, StepKind]) -> Iterator[list[str]]:
    """Yield what can be known of a Stage by itself, part by part: others have their turn in between."""
    spec, allowance = document["spec"], Allowance(with_names=True)
    template = (spec.get("promotionTemplate") or {}).get("spec") or {}
    said = unheeded.of_stage(document)
    for number, request in enumerate(spec.get("requestedFreight") or ()):
        sources = request.get("sources") or {}
        path = f"{_REQUESTS}[{number}].sources"
        if not sources.get("direct") and not sources.get("stages"):
            said.append(
                f"{path}: it is neither direct nor from other Stages, so Freight gets here only by approval"
            )
        if sources.get("direct") and sources.get("stages"):
            said.append(
                f"{path}.stages: with direct: true they count for nothing; leave one of the two out"
            )
    yield said
    own, further = spec.get("vars") or (), template.get("vars") or ()
    names = Names(outputs=(), variables=())
    yield steps.of_variables("spec.vars", own, allowance, names)
    yield steps.of_variables(
        "spec.promotionTemplate.spec.vars", further, allowance, names.with_variables(own)
    )
    yield from steps.of_steps(
        _STEPS, template.get("steps") or (), kinds, allowance, [*own, *further]
    )
    verification = spec.get("verification")
    annotations = document["metadata"].get("annotations") or {}
    if not template.get("steps"):
        yield list(_of_flow(verification, annotations))
    elif isinstance(verification, dict):
        has_tests = bool(annotations.get(SMOKE))
        if not verification.get("analysisTemplates") and not has_tests:
            yield [
                (
                    "spec.verification: it names no analysisTemplates, so verifying ends in an error; name some, or leave "
                    "verification out"
                )
            ]
    if isinstance(verification, dict):
        yield steps.of_variables("spec.verification.args", verification.get("args"), allowance)


def _of_flow(verification: Any, annotations: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a control-flow Stage says and nobody heeds."""
    said = {"spec.verification": verification is not None}
    for each in _OF_WHAT_RUNS:
        said[f"metadata.annotations[{each}]"] = each in annotations
    for path, is_said in said.items():
        if is_said:
            yield (
                f"{path}: the Stage has no steps in {_STEPS}, so it only lets Freight pass: nothing is deployed, measured or "
                f"watched here, and this counts for nothing; give it steps, or leave this out"
            )


def named(document: Document) -> dict[str, list[str]]:
    """Return the names a Stage has of others, by kind."""
    spec = document["spec"]
    requests = spec.get("requestedFreight") or ()
    found: dict[str, list[str]] = {
        "Warehouse": [
            str(request["origin"].get("name") or "")
            for request in requests
            if (request["origin"].get("kind") or "Warehouse") == "Warehouse"
        ],
        "Stage": list(upstream(document)),
    }
    for reference in _tasks(document):
        kind, name = steps.named_task(reference)
        found.setdefault(kind, []).append(name)
    for template in (spec.get("verification") or {}).get("analysisTemplates") or ():
        kind = template.get("kind") or "AnalysisTemplate"
        found.setdefault(kind, []).append(str(template.get("name") or ""))
    return found


def upstream(document: Document) -> Iterator[str]:
    """Yield the Stages that a Stage takes Freight from."""
    for request in document["spec"].get("requestedFreight") or ():
        sources = request.get("sources") or {}
        if not sources.get("direct"):
            yield from sources.get("stages") or ()


def of_references(document: Document, there: References) -> Iterator[list[str]]:
    """Yield what a Stage names that is not there, or has not what it is asked for, part by part."""
    yield from ([said] for said in _of_requests(document, there))
    yield from _of_own_tasks(document, there.tasks or {})
    yield from ([said] for said in _of_templates(document, there.templates or {}))


def _of_requests(document: Document, there: References) -> Iterator[str]:
    own = document["metadata"].get("name")
    for number, request in enumerate(document["spec"].get("requestedFreight") or ()):
        path, origin = f"{_REQUESTS}[{number}]", request["origin"]
        name, sources = str(origin.get("name") or ""), request.get("sources") or {}
        warehouses = there.warehouses
        if warehouses is not None and warehouses.lacks(name):
            yield (
                f'{path}.origin.name: Warehouse "{name}" does not exist; {warehouses.instead(name)}; until it does '
                "nothing comes from it"
            )
        if sources.get("direct") or there.stages is None:
            continue
        for place, each in enumerate(sources.get("stages") or ()):
            where = f"{path}.sources.stages[{place}]"
            if each == own:
                continue
            if there.stages.lacks(each):
                yield (
                    f'{where}: Stage "{each}" does not exist; {there.stages.instead(each)}; until it does nothing comes '
                    "from it"
                )
            elif each in there.stages.found and name not in _origins(there.stages.found[each]):
                yield f'{where}: Stage "{each}" requests no Freight of Warehouse "{name}", so none comes from it'


def _origins(stage: Document) -> list[str]:
    requests = stage["spec"].get("requestedFreight") or ()
    return [str((request.get("origin") or {}).get("name") or "") for request in requests]


def _tasks(document: Document) -> list[Mapping[str, Any]]:
    return [step["task"] for step in _steps(document) if step.get("task")]


def _steps(document: Document) -> Sequence[Mapping[str, Any]]:
    template = (document["spec"].get("promotionTemplate") or {}).get("spec") or {}
    found: Sequence[Mapping[str, Any]] = template.get("steps") or ()
    return found


def _of_own_tasks(
    document: Document, there: Mapping[str, KnownObjects | None]
) -> Iterator[list[str]]:
    template = (document["spec"].get("promotionTemplate") or {}).get("spec") or {}
    variables = [*(document["spec"].get("vars") or ()), *(template.get("vars") or ())]
    return steps.of_tasks(_STEPS, _steps(document), variables, there)


def _of_templates(document: Document, there: Mapping[str, KnownObjects | None]) -> Iterator[str]:
    verification = document["spec"].get("verification") or {}
    for place, template in enumerate(verification.get("analysisTemplates") or ()):
        kind, name = template.get("kind") or "AnalysisTemplate", str(template.get("name") or "")
        known = there.get(kind)
        if known is not None and known.lacks(name):
            yield (
                f'{_TEMPLATES}[{place}].name: {kind} "{name}" does not exist; {known.instead(name)}; until it does '
                "Freight cannot be verified here"
            )
