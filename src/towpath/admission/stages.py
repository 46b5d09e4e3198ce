"""Stages: what they may request, and requests to verify or to abort (docs/reference/kinds/stage.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.admission.kind_rules import (
    KindRules,
    annotations_of,
    in_turns,
    labels_of,
    set_or_drop,
    text_at,
)
from towpath.admission.requester import asked
from towpath.admission.warnings import stages as warnings
from towpath.admission.warnings.surroundings import Surroundings
from towpath.errors import FieldError, NotFound
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, HOLDS_ASKED, REVERIFY, requested
from towpath.resources.kinds import Ref
from towpath.resources.labels import SHARD_LABEL
from towpath.rules import asked_holds
from towpath.rules.inflation import step_alias_errors
from towpath.rules.label_selectors import selector_errors
from towpath.rules.verifying import settings
from towpath.rules.written_patterns import step_errors
from towpath.store.damage import Damaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.admission.warnings.known import KnownObjects
    from towpath.resources.kinds import Kind
    from towpath.rules.written_steps import StepKind
    from towpath.store.contract import Document, Store


class StageRules(KindRules):
    """Rules of Stages."""

    def __init__(
        self, store: Store, authorizer: Authorizer, known_steps: Mapping[str, StepKind]
    ) -> None:
        self._store = store
        self._authorizer = authorizer
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
        holds = found.get(HOLDS_ASKED)
        is_new = isinstance(holds, str) and holds and holds != before.get(HOLDS_ASKED)
        if is_new and not requester.is_controller:
            found[HOLDS_ASKED] = asked_holds.in_name_of(
                requester.actor, found, before, requester.via
            )
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with requests, steps and annotations; those that were there before are let be."""
        before = annotations_of(old) if old is not None else {}
        given = annotations_of(document)
        new = {key: value for key, value in given.items() if before.get(key) != value}
        found, seen = settings.of_stage(new), set[tuple[Any, Any]]()
        if HOLDS_ASKED in new:
            path = f"metadata.annotations[{HOLDS_ASKED}]"
            found += [
                FieldError(path, "FieldValueInvalid", f"Invalid value: {each}")
                for each in asked_holds.faults(given, before)
            ]
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
        """Return what of its steps and sources can come to nothing."""
        return await in_turns(warnings.of_stage(document, self._known_steps))

    async def dangling(self, document: Document, requester: Requester) -> list[str]:
        """Return names that lead nowhere, and circles of upstream Stages."""
        around = Surroundings(
            self._store, self._authorizer, requester, document["metadata"]["namespace"]
        )
        named = warnings.named(document)

        async def known(*kinds: Kind) -> dict[str, KnownObjects | None]:
            found = {}
            for kind in kinds:
                wanted = named.get(kind.name)
                found[kind.name] = await around.known(kind, wanted) if wanted else None
            return found

        found = await known(
            scheme.WAREHOUSE,
            scheme.STAGE,
            scheme.PROMOTION_TASK,
            scheme.CLUSTER_PROMOTION_TASK,
            scheme.ANALYSIS_TEMPLATE,
            scheme.CLUSTER_ANALYSIS_TEMPLATE,
        )
        there = warnings.References(
            warehouses=found[scheme.WAREHOUSE.name],
            stages=found[scheme.STAGE.name],
            tasks=found,
            templates=found,
        )
        said = await in_turns(warnings.of_references(document, there))
        circle = await self._circle(document) if there.stages is not None else []
        if circle:
            said.append(
                f"spec.requestedFreight: {' <- '.join(circle)}: these Stages wait for one another, so Freight "
                "gets into them only by approval"
            )
        return said

    async def _circle(self, document: Document) -> list[str]:
        """Return a circle of upstream Stages that the Stage would be part of, empty if none.

        Those are read that it takes Freight from, level by level: not all that the Project has.
        """
        name, namespace = document["metadata"].get("name"), document["metadata"]["namespace"]
        if not name:
            return []
        after: dict[str, str] = {}
        """By name of a Stage upstream: the one that takes Freight from it, by which it was met."""
        level = dict.fromkeys(warnings.upstream(document), name)
        while level and name not in level:
            after |= level
            taking, level = level, {}
            for taker in taking:
                for each in await self._upstream(Ref(scheme.STAGE, namespace, taker)):
                    if each not in after:
                        level.setdefault(each, taker)
        return _path(after | level, name) if level else []

    async def _upstream(self, ref: Ref) -> list[str]:
        """Return the Stages that a Stage takes Freight from; none where there is no such Stage, or it cannot be read."""
        try:
            return list(warnings.upstream((await self._store.get(ref)).document))
        except (NotFound, Damaged):
            return []


def _path(after: Mapping[str, str], end: str) -> list[str]:
    """Return the circle that closes at a Stage: what it takes from comes behind it."""
    path = [end]
    while path[-1] != end or len(path) == 1:
        path.append(after[path[-1]])
    return path[::-1]


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
