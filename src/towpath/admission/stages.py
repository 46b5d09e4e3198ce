"""Stages: what they may request, and requests to verify or to abort (docs/reference/kinds/stage.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.admission.kind_rules import (
    SHARD_LABEL,
    KindRules,
    annotations_of,
    labels_of,
    set_or_drop,
    text_at,
)
from towpath.admission.requester import asked
from towpath.errors import FieldError
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, REVERIFY, requested
from towpath.rules.inflation import step_alias_errors
from towpath.rules.label_selectors import selector_errors
from towpath.rules.written_patterns import step_errors
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.store.contract import Document, Store


class StageRules(KindRules):
    """Rules of Stages."""

    def __init__(self, store: Store, known_steps: frozenset[str]) -> None:
        self._store = store
        self._known_steps = known_steps

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Set the shard label; note who asks for verifications to be run again or aborted."""
        set_or_drop(labels_of(document), SHARD_LABEL, text_at(document, "spec", "shard"))
        found = annotations_of(document)
        before = ((old or {}).get("metadata") or {}).get("annotations") or {}
        for key in (REVERIFY, ABORT):
            value = found.get(key)
            if isinstance(value, str) and value and value != before.get(key):
                found[key] = _request(value, requester)
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with requests and steps."""
        del old
        found, seen = [], set()
        for number, request in enumerate(document["spec"]["requestedFreight"]):
            path = f"spec.requestedFreight[{number}]"
            key = (request["origin"].get("kind"), request["origin"].get("name"))
            if key in seen:
                found.append(
                    FieldError(
                        f"{path}.origin",
                        "FieldValueDuplicate",
                        f'Duplicate value: "{"/".join(map(str, key))}"',
                    )
                )
            seen.add(key)
            found += _policy_errors(request.get("sources") or {}, path)
        targets = document["spec"].get("targets") or {}
        for number, selector in enumerate(targets.get("selectors") or ()):
            found += selector_errors(selector, f"spec.targets.selectors[{number}]")
        steps = _steps(document)
        path = "spec.promotionTemplate.spec.steps"
        found += step_alias_errors(steps, path=path)
        found += step_errors(path, steps)
        for number, step in enumerate(steps):
            for field in ("if", "config"):
                if "task" in step and field in step:
                    found.append(
                        FieldError(
                            f"{path}[{number}].{field}",
                            "FieldValueForbidden",
                            f"Forbidden: a step that runs a task has no {field}; put it on the task's steps",
                        )
                    )
        return found

    async def warnings(self, document: Document) -> list[str]:
        """Return names that lead nowhere, and circles of upstream Stages."""
        path = "spec.promotionTemplate.spec.steps"
        said = [
            f"{path}[{number}].uses: there is no step {step['uses']!r} here; Promotions will end in an error"
            for number, step in enumerate(_steps(document))
            if step.get("uses") and step["uses"] not in self._known_steps
        ]
        circle = await self._circle(document)
        if circle:
            said.append(
                f"spec.requestedFreight: {' <- '.join(circle)}: these Stages wait for one another, so Freight "
                "gets into them only by approval"
            )
        return said

    async def _circle(self, document: Document) -> list[str]:
        """Return a circle of upstream Stages that the Stage would be part of, empty if none."""
        name, namespace = document["metadata"].get("name"), document["metadata"]["namespace"]
        if not name or not _upstream(document):
            return []
        graph: dict[str, list[str]] = {}
        async for batch in self._store.scan(Query(kind=scheme.STAGE, namespace=namespace)):
            for stored in batch:
                graph[stored.ref.name] = _upstream(stored.document)
        graph[name] = _upstream(document)
        return _path_back(graph, name)


def _path_back(graph: dict[str, list[str]], start: str) -> list[str]:
    seen: set[str] = set()
    pending = [[start]]
    while pending:
        path = pending.pop()
        for upstream in graph.get(path[-1], ()):
            if upstream == start:
                return [*path, start]
            if upstream not in seen:
                seen.add(upstream)
                pending.append([*path, upstream])
    return []


def _upstream(document: Document) -> list[str]:
    return [
        name
        for request in document["spec"].get("requestedFreight") or ()
        if not (request.get("sources") or {}).get("direct")
        for name in (request.get("sources") or {}).get("stages") or ()
    ]


def _steps(document: Document) -> list[dict[str, Any]]:
    template = document["spec"].get("promotionTemplate") or {}
    steps: list[dict[str, Any]] = (template.get("spec") or {}).get("steps") or []
    return steps


def _policy_errors(sources: dict[str, Any], path: str) -> list[FieldError]:
    options = sources.get("autoPromotionOptions") or {}
    if options.get("selectionPolicy") != "MatchUpstream":
        return []
    if not sources.get("direct") and len(sources.get("stages") or ()) == 1:
        return []
    return [
        FieldError(
            f"{path}.sources.autoPromotionOptions.selectionPolicy",
            "FieldValueInvalid",
            'Invalid value: "MatchUpstream": it needs direct: false and exactly one upstream Stage',
        )
    ]


def _request(value: str, requester: Requester) -> str:
    """Return a request to verify again (or abort) as JSON that says who asked."""
    return asked(requested(value, "id"), requester)
