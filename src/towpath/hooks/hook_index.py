"""Which hooks there are: by Project and event, read anew only when a hook, or a task that one may run, was written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.admission import gathering
from towpath.resources import moments, scheme
from towpath.resources.stage_hook import StageHook
from towpath.rules.inflation import inflate
from towpath.store.contract import Query
from towpath.store.tolerant_reading import passing_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.happening import Happening
    from towpath.resources.stage_hook import StageHookSpec
    from towpath.store.contract import Store, Stored

_KINDS: Final = (scheme.STAGE_HOOK, scheme.PROMOTION_TASK, scheme.CLUSTER_PROMOTION_TASK)
_STEPS: Final = "spec.steps"
_PASSED_OVER: Final = "nothing is run for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardHook:
    """One hook, ready to be run."""

    name: str
    uid: str
    hook: StageHook
    spec: Mapping[str, Any]
    """As it is written, for what is handed on as it is."""
    steps: Sequence[Mapping[str, Any]]
    """With those of tasks in the place of the tasks."""
    problem: str
    """Why nothing can be run."""
    since: int | None
    """The revision it was made at; None where that is not known any more."""

    def hears(self, happened: Happening) -> bool:
        """Whether something happened after the hook was made."""
        if self.since is not None:
            return happened.revision > self.since
        made = moments.read(self.hook.metadata.creation_timestamp)
        when = moments.read(happened.time)
        return made is not None and when is not None and when > made


class HookIndex:
    """The hooks of all Projects."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at = -1
        self._hooks: dict[tuple[str, str], list[HeardHook]] = {}
        self._blocking: dict[str, list[StageHookSpec]] = {}
        self._since: dict[str, int] = {}
        """By uid, of hooks that do not say it themselves yet."""

    async def refresh(self) -> None:
        """Read hooks anew if one was written since."""
        at = self._store.changed(_KINDS)
        if at == self._at:
            return
        found: dict[tuple[str, str], list[HeardHook]] = defaultdict(list)
        since = dict[str, int]()
        blocking: dict[str, list[StageHookSpec]] = defaultdict(list)
        async for batch in self._store.scan(Query(kind=scheme.STAGE_HOOK)):
            for item in batch:
                with passing_over(item, _PASSED_OVER):
                    heard = await self._heard(item)
                    if heard.since is not None:
                        since[heard.uid] = heard.since
                    if heard.hook.spec.blocking:
                        blocking[item.ref.namespace].append(heard.hook.spec)
                    for event in heard.hook.spec.events:
                        found[item.ref.namespace, event].append(heard)
        self._hooks, self._since, self._at = found, since, at
        self._blocking = blocking

    def blocking(self, project: str) -> Sequence[StageHookSpec]:
        """Return the hooks of a Project that block."""
        return self._blocking.get(project, ())

    def of(self, happened: Happening) -> Sequence[HeardHook]:
        """Return the hooks of its Project that hear of such a thing."""
        return self._hooks.get((happened.project, happened.event), ())

    async def _heard(self, item: Stored) -> HeardHook:
        spec, hook = item.document["spec"], item.view(StageHook)
        project, written = item.ref.namespace, spec.get("steps") or []
        tasks = await gathering.tasks(self._store, project, written)
        steps, problem = list[dict[str, Any]](), ""
        try:
            variables = spec.get("vars") or ()
            steps = inflate(
                written, variables, lambda kind, name: tasks.get((kind, name)), path=_STEPS
            )
        except errors.Invalid as error:
            problem = "; ".join(dict.fromkeys(str(cause) for cause in error.causes))
        return HeardHook(
            name=item.ref.name,
            uid=item.uid,
            hook=hook,
            spec=spec,
            steps=steps,
            problem=problem,
            since=await self._made_at(item, hook),
        )

    async def _made_at(self, item: Stored, hook: StageHook) -> int | None:
        told = hook.status.since if hook.status is not None else 0
        return told or self._since.get(item.uid) or await made_at(self._store, item)


async def made_at(store: Store, item: Stored) -> int | None:
    """Return the revision at which an object was made, as the change log has it; None where it does not reach back."""
    try:
        entries = await store.log(ref=item.ref)
    except errors.Expired:
        return None
    made = [each.revision for each in entries if each.uid == item.uid and each.verb == "create"]
    return made[0] if made else None
