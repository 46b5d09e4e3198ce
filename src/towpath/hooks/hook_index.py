"""Which hooks there are: by Project and event, read anew only when one was written.

What a hook runs is large, and there may be many hooks: it is read when it is to be run, and that of late is kept.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.admission import gathering
from towpath.resources import moments, scheme, sizes
from towpath.resources.fields import Struct
from towpath.resources.meta import NamedSelector, Resource
from towpath.resources.stage_hook import StageHookStatus
from towpath.resources.validation.counts import MOST_STEP_VALUES
from towpath.rules.inflation import inflate
from towpath.store.contract import Query
from towpath.store.tolerant_reading import passing_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.happening import Happening
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store, Stored

_HOOKS: Final = (scheme.STAGE_HOOK,)
_TASKS: Final = (scheme.PROMOTION_TASK, scheme.CLUSTER_PROMOTION_TASK)
_STEPS: Final = "spec.steps"
_PASSED_OVER: Final = "nothing is run for it"
_MOST_KEPT: Final = 8 * MOST_STEP_VALUES
"""Values in what is kept of what hooks run."""


class _HeardSpec(Struct, kw_only=True):
    """What of a StageHook's spec says whether it is run."""

    stage_selector: NamedSelector
    events: list[str]
    when: str = ""
    blocking: bool = False


class _Heard(Resource, kw_only=True):
    spec: _HeardSpec
    status: StageHookStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardHook:
    """One hook: whether it is run."""

    ref: Ref
    uid: str
    revision: int
    spec: _HeardSpec
    made: str
    """When it was made, as it says itself."""
    since: int | None
    """The revision it was made at; None where that is not known any more."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.ref.name

    def hears(self, happened: Happening) -> bool:
        """Whether something happened after the hook was made."""
        if self.since is not None:
            return happened.revision > self.since
        made = moments.read(self.made)
        when = moments.read(happened.time)
        return made is not None and when is not None and when > made


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSteps:
    """What a hook runs."""

    spec: Mapping[str, Any]
    """As it is written, without the steps."""
    steps: Sequence[Mapping[str, Any]]
    """With those of tasks in the place of the tasks."""
    problem: str
    """Why nothing can be run."""
    values: int
    """How many values there are in it."""


class HookIndex:
    """The hooks of all Projects."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at = -1
        self._hooks: dict[tuple[str, str], list[HeardHook]] = {}
        self._blocking: dict[str, list[NamedSelector]] = {}
        self._known: dict[str, HeardHook] = {}
        """By uid."""
        self._steps: OrderedDict[tuple[str, int, int], HookSteps] = OrderedDict()
        """By uid, revision, and the newest of all tasks: those that were run last at the end."""
        self._kept = 0

    async def refresh(self) -> None:
        """Read hooks anew if one was written since."""
        at = self._store.changed(_HOOKS)
        if at == self._at:
            return
        found: dict[tuple[str, str], list[HeardHook]] = defaultdict(list)
        known = dict[str, HeardHook]()
        blocking: dict[str, list[NamedSelector]] = defaultdict(list)
        async for batch in self._store.scan(Query(kind=scheme.STAGE_HOOK)):
            for item in batch:
                with passing_over(item, _PASSED_OVER):
                    heard = self._known.get(item.uid)
                    if heard is None or heard.revision != item.revision:
                        heard = await self._heard(item, heard)
                    known[heard.uid] = heard
                    if heard.spec.blocking:
                        blocking[item.ref.namespace].append(heard.spec.stage_selector)
                    for event in heard.spec.events:
                        found[item.ref.namespace, event].append(heard)
        self._hooks, self._known, self._at = found, known, at
        self._blocking = blocking

    def blocking(self, project: str) -> Sequence[NamedSelector]:
        """Return which Stages the hooks of a Project that block are for."""
        return self._blocking.get(project, ())

    def of(self, happened: Happening) -> Sequence[HeardHook]:
        """Return the hooks of its Project that hear of such a thing."""
        return self._hooks.get((happened.project, happened.event), ())

    async def steps(self, heard: HeardHook) -> HookSteps | None:
        """Return what a hook runs, as it is now; None if it is gone."""
        key = (heard.uid, heard.revision, self._store.changed(_TASKS))
        found = self._steps.get(key)
        if found is not None:
            self._steps.move_to_end(key)
            return found
        try:
            item = await self._store.get(heard.ref)
        except errors.NotFound:
            return None
        if item.uid != heard.uid:
            return None
        found = await self._inflated(item)
        self._keep((item.uid, item.revision, key[2]), found)
        return found

    def _keep(self, key: tuple[str, int, int], found: HookSteps) -> None:
        if key in self._steps:
            return
        self._steps[key] = found
        self._kept += found.values
        while self._kept > _MOST_KEPT:
            _, left = self._steps.popitem(last=False)
            self._kept -= left.values

    async def _inflated(self, item: Stored) -> HookSteps:
        spec = dict(item.document["spec"])
        written = spec.pop("steps", None) or []
        tasks = await gathering.tasks(self._store, item.ref.namespace, written)
        steps, problem = list[dict[str, Any]](), ""
        try:
            variables = spec.get("vars") or ()
            steps = inflate(
                written, variables, lambda kind, name: tasks.get((kind, name)), path=_STEPS
            )
        except errors.Invalid as error:
            problem = "; ".join(dict.fromkeys(str(cause) for cause in error.causes))
        values = sizes.values([steps, spec], 2 * MOST_STEP_VALUES)
        return HookSteps(spec=spec, steps=steps, problem=problem, values=values)

    async def _heard(self, item: Stored, before: HeardHook | None) -> HeardHook:
        hook = item.view(_Heard)
        since = hook.status.since if hook.status is not None else 0
        since = since or (before.since if before is not None else None) or 0
        return HeardHook(
            ref=item.ref,
            uid=item.uid,
            revision=item.revision,
            spec=hook.spec,
            made=hook.metadata.creation_timestamp or "",
            since=since or await made_at(self._store, item),
        )


async def made_at(store: Store, item: Stored) -> int | None:
    """Return the revision at which an object was made, as the change log has it; None where it does not reach back."""
    try:
        entries = await store.log(ref=item.ref)
    except errors.Expired:
        return None
    made = [each.revision for each in entries if each.uid == item.uid and each.verb == "create"]
    return made[0] if made else None
