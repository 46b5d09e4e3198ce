"""The taker that makes a HookRun for each hook that hears of something; which is named after it, so that there is one."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, expressions
from towpath.expressions import ExpressionError, Need
from towpath.hooks.hook_index import HookIndex
from towpath.resources import scheme
from towpath.resources.annotations import STAGE
from towpath.resources.kinds import Ref
from towpath.resources.meta import Resource
from towpath.resources.shortening import label_value
from towpath.resources.structs import to_document
from towpath.resources.validation.counts import MOST_STEP_VALUES
from towpath.rules import hook_conditions
from towpath.rules.named_selectors import selects
from towpath.runtime.evaluation import Evaluations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.hooks.hook_index import HeardHook, HookSteps
    from towpath.resources.happening import Happening
    from towpath.store.contract import Document, Store

ACTOR: Final = "controller:hook-controller"
_LONGEST_NAME: Final = 200
_MOST_PAYLOAD: Final = 16 << 10
"""Bytes of one value of a payload: longer ones, such as all commits of a large Freight, can be looked up by the steps."""
_AT_ONCE: Final = 256
"""Runs that are written in one go."""
_VALUES_AT_ONCE: Final = 4 * MOST_STEP_VALUES
"""And values in them: runs of large hooks are many megabytes."""
_LIBRARY: Final = expressions.library(None)


class HookRuns:
    """Makes HookRuns of what happened."""

    name = "hooks"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._index = HookIndex(store)
        self._evaluations = Evaluations()

    async def take(self, happened: Sequence[Happening]) -> None:
        """Make the runs of all hooks that hear of these things. Those that are there already stay as they are."""
        await self._index.refresh()
        stages: dict[tuple[str, str], Resource | None] = {}
        made: list[tuple[HeardHook, HookSteps, Happening, str]] = []
        values = 0
        for each in happened:
            for heard in self._index.of(each):
                if not heard.hears(each):
                    continue
                key = (each.project, each.stage)
                if key not in stages:
                    stages[key] = await self._stage(*key)
                stage = stages[key]
                if stage is None or not _is_meant(heard, stage):
                    continue
                wanted, problem = await self._wants(heard, each)
                runs = await self._index.steps(heard) if wanted else None
                if runs is None:
                    continue
                made.append((heard, runs, each, problem or runs.problem))
                values += runs.values
                if len(made) >= _AT_ONCE or values >= _VALUES_AT_ONCE:
                    await self._create_all(made)
                    made, values = [], 0
        await self._create_all(made)

    async def _create_all(
        self, made: Sequence[tuple[HeardHook, HookSteps, Happening, str]]
    ) -> None:
        # In this order, and as a rule with one flush to the disk.
        await asyncio.gather(*(self._create(*each) for each in made))

    async def _stage(self, project: str, name: str) -> Resource | None:
        if not name:
            return None
        try:
            return (await self._store.get(Ref(scheme.STAGE, project, name))).view(Resource)
        except errors.NotFound:
            return None

    async def _wants(self, heard: HeardHook, happened: Happening) -> tuple[bool, str]:
        """Return whether a hook's condition holds, and what is wrong with it: then it is run all the same, and fails."""
        text = heard.spec.when
        if not text:
            return True, ""
        context = hook_conditions.context(
            project=happened.project, stage=happened.stage, hook=heard.name, happened=happened
        )
        try:
            template = await self._evaluations.template(text, _LIBRARY, caller=happened.project)
            value = await self._evaluations.evaluate(
                template,
                {hook_conditions.SEEN: context},
                load=_nothing,
                caller=happened.project,
                only_light=True,
            )
        except ExpressionError as error:
            return True, f"when: {error.message}"
        if not isinstance(value, bool):
            return True, "when: the expression must be true or false: write it as ${{ … }}"
        return value, ""

    async def _create(
        self, heard: HeardHook, runs: HookSteps, happened: Happening, problem: str
    ) -> None:
        """Make a run. One that is too large to be stored is made with nothing to do, and fails: it keeps no other waiting."""
        try:
            await self._store.create(run_of(heard, runs, happened, problem), actor=ACTOR)
        except errors.AlreadyExists:
            return
        except errors.TooLarge as error:
            said = f"its steps, with those of their tasks put in, and what happened are too large together: {error.message}"
            least = run_of(heard, runs, happened, said)
            least["spec"].pop("vars", None)
            least["spec"]["event"].pop("payload", None)
            with contextlib.suppress(errors.AlreadyExists):
                await self._store.create(least, actor=ACTOR)


def run_name(hook: str, uid: str, happened: Happening) -> str:
    """Return the name of the run of a hook for what happened: always the same."""
    said = f"{uid}:{happened.stage}:{happened.name}"
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    return f"{hook[:_LONGEST_NAME].rstrip('.-')}.{digest}"


def run_of(heard: HeardHook, runs: HookSteps, happened: Happening, problem: str) -> Document:
    """Return the run of a hook for what happened, with what the hook has now."""
    event = to_document(happened)
    payload = event.get("payload") or {}
    event["payload"] = {
        key: value for key, value in payload.items() if len(value.encode()) <= _MOST_PAYLOAD
    }
    spec: dict[str, Any] = {
        "hook": heard.name,
        "stage": happened.stage,
        "event": event,
        "blocking": heard.spec.blocking,
        "retry": runs.spec.get("retry"),
        "vars": runs.spec.get("vars"),
        "steps": [] if problem else list(runs.steps),
        "problem": problem,
    }
    return {
        "apiVersion": scheme.HOOK_RUN.api_version,
        "kind": scheme.HOOK_RUN.name,
        "metadata": {
            "name": run_name(heard.name, heard.uid, happened),
            "namespace": happened.project,
            "labels": {STAGE: label_value(happened.stage)},
            "ownerReferences": [
                {
                    "apiVersion": scheme.STAGE_HOOK.api_version,
                    "kind": scheme.STAGE_HOOK.name,
                    "name": heard.name,
                    "uid": heard.uid,
                    "controller": True,
                }
            ],
        },
        "spec": {key: value for key, value in spec.items() if value},
    }


def _is_meant(heard: HeardHook, stage: Resource) -> bool:
    metadata = stage.metadata
    return selects(heard.spec.stage_selector, metadata.name, metadata.labels)


async def _nothing(_: Need) -> Any:
    return None
