"""One Project as the Board shows it, kept up to date object by object: a change costs the cells that it concerns."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from towpath.resources import moments, scheme
from towpath.resources.annotations import SOAK
from towpath.rules.board import cells, facts
from towpath.rules.board.coming import Coming, coming
from towpath.rules.board.layout import (
    ENVIRONMENT_LABELS,
    ROW_LABELS,
    Layout,
    StageNode,
    labelled,
    laid_out,
)
from towpath.rules.promotion_windows.calendar import (
    NO_CLUSTER_WINDOWS,
    NO_WINDOWS,
    calendar,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.resources.kinds import Kind, Ref
    from towpath.resources.project_config import ProjectConfig
    from towpath.rules.board.cells import Cell
    from towpath.rules.board.facts import (
        FreightFacts,
        PromotionFacts,
        StageFacts,
        WarehouseFacts,
    )
    from towpath.rules.freezing import Freeze
    from towpath.rules.promotion_windows.calendar import ClusterWindows

LINE: Final = 60
"""Freight of a Warehouse that is shown besides what is in a Stage: the newest."""
_AT_ONCE: Final = 5_000
"""Freight that is looked at, for one Stage after the other, before others get the loop: that takes a few milliseconds."""
_log = logging.getLogger(__name__)
_NOWHERE: Final = Layout((), (), {})


class LiveProject:
    """What is known of a Project. `refresh` brings the cells in line with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.labels: Mapping[str, str] = {}
        self.stages: dict[str, StageFacts] = {}
        self.freight: dict[str, FreightFacts] = {}
        self.promotions: dict[str, PromotionFacts] = {}
        """Those that have not ended, and the last one of each Stage."""
        self.warehouses: dict[str, WarehouseFacts] = {}
        self.cells: dict[str, Cell] = {}
        self.coming: dict[str, Coming] = {}
        self.layout = _NOWHERE
        self.version = 0
        """Grows with every change of what is shown."""
        self.wanted_freight: dict[str, None] = {}
        """Names of Freight in Stages that has yet to be read."""
        self.wanted_promotions: dict[str, str] = {}
        """Names of Promotions that brought what is in Stages and have yet to be read, with their Stages."""
        self.due: datetime | None = None
        """When time alone will change a cell."""
        self.changed_at = 0
        """The revision at which it was noticed that something that is shown had changed."""
        self._project_going = ""
        self.frozen: Freeze | None = None
        """That nothing is promoted in the Project, which is about to be moved; None if it is not."""
        self.calendar = NO_WINDOWS
        """The promotion windows that are about it."""
        self._config: ProjectConfig | None = None
        self._cluster_windows = NO_CLUSTER_WINDOWS
        self._read: dict[tuple[Kind, str], int] | None = {}
        """At which revision objects were seen, while the Project is being read: lists and news come in no order."""
        self._dirty: set[str] = set()
        self._openings: dict[str, datetime] = {}
        self._below: dict[str, set[str]] = {}
        self._lines: dict[str, list[FreightFacts]] | None = None
        self._of_stage: dict[str, set[str]] = defaultdict(set)
        """Names of Promotions that have not ended."""
        self._is_laid_out = True
        self._is_changed = False
        self._is_under_way = False
        """Whether cells are being brought in line, or have yet to be."""
        self._is_time = False
        """Whether time alone may have changed some of these."""

    # --- what becomes known -------------------------------------------------------------------------

    def is_news(self, ref: Ref, revision: int) -> bool:
        """Note at which revision an object was seen; return whether it was not known that late."""
        if self._read is None:
            return True
        key = (ref.kind, ref.name)
        if revision <= self._read.get(key, -1):
            return False
        self._read[key] = revision
        return True

    def has_been_read(self) -> None:
        """Note that all of it was read: what comes from now on comes in order."""
        self._read = None

    def set_labels(self, labels: Mapping[str, str]) -> None:
        """Note the labels of the Project."""
        self._is_changed |= dict(labels) != dict(self.labels)
        self.labels = labels
        self._set_calendar()

    def set_going(self, going: str) -> None:
        """Note since when the Project is being deleted; empty if it is not."""
        if going != self._project_going:
            self._project_going = going
            self._dirty.update(self.stages)

    def set_frozen(self, frozen: Freeze | None) -> None:
        """Note whether the Project is frozen."""
        if frozen != self.frozen:
            self.frozen = frozen
            self._dirty.update(self.stages)

    def set_config(self, config: ProjectConfig | None) -> None:
        """Note the configuration of the Project; None: there is none."""
        self._config = config
        self._set_calendar()

    def set_cluster_windows(self, windows: ClusterWindows) -> None:
        """Note the promotion windows of the whole instance."""
        if windows != self._cluster_windows:
            self._cluster_windows = windows
            self._set_calendar()

    def _set_calendar(self) -> None:
        found = calendar(self.name, self.labels, self._config, self._cluster_windows)
        if found != self.calendar:
            self.calendar = found
            self._dirty.update(self.stages)

    def set_warehouse(self, name: str, known: WarehouseFacts | None) -> None:
        """Note what a Warehouse is like; None: it is gone."""
        self._is_changed |= self.warehouses.get(name) != known
        if known is None:
            self.warehouses.pop(name, None)
        else:
            self.warehouses[name] = known

    def set_stage(self, name: str, known: StageFacts | None) -> None:
        """Note what a Stage is like; None: it is gone."""
        before = self.stages.get(name)
        if known is None:
            self.stages.pop(name, None)
        else:
            self.stages[name] = known
            self._want(known)
        if before is None or known is None or _node(before) != _node(known):
            self._is_laid_out = False
        self._dirty.add(name)

    def set_freight(self, name: str, known: FreightFacts | None) -> None:
        """Note what a Freight is like; None: it is gone."""
        before = self.freight.get(name)
        if known is None:
            if before is None:
                return
            held = self._holding(name)
            if held is None:
                del self.freight[name]
            else:
                contents = held.contents.get(name, before.artifacts)
                self.freight[name] = facts.of_gone_freight(name, before.origin, contents)
        else:
            self.freight[name] = known
            self.wanted_freight.pop(name, None)
        self._lines = None
        self._is_changed = True
        self._dirty.update(self._concerned(before, known))

    def set_gone_freight(self, name: str) -> None:
        """Note that Freight which a Stage holds is no more."""
        self.wanted_freight.pop(name, None)
        held = self._holding(name)
        if held is None or name in self.freight:
            return
        origin = next(key for key, each in held.held.items() if each == name)
        self.freight[name] = facts.of_gone_freight(name, origin, held.contents.get(name, ()))
        self._lines = None
        self._is_changed = True

    def set_promotion(self, name: str, known: PromotionFacts | None) -> None:
        """Note what a Promotion is like; None: it is gone. What brought something stays known."""
        before = self.promotions.get(name)
        self.wanted_promotions.pop(name, None)
        of = known or before
        if of is None:
            return
        open_ones = self._of_stage[of.stage]
        if known is None or known.is_over:
            open_ones.discard(name)
        else:
            open_ones.add(name)
        if known is not None:
            self.promotions[name] = known
        if name not in open_ones and not self._is_last(of):
            self.promotions.pop(name, None)
        self._dirty.add(of.stage)

    def unended(self, stage: str) -> list[PromotionFacts]:
        """Return the Promotions of a Stage that have not ended, in the order in which they are dealt with."""
        known = (self.promotions[name] for name in self._of_stage.get(stage, ()))
        return sorted(known, key=lambda each: (each.phase != "Running", each.rank))

    def origins(self) -> list[str]:
        """Return the Warehouses that there are, and those that Stages name."""
        named = (
            request.origin.name
            for each in self.stages.values()
            for request in each.slim.spec.requested_freight
        )
        return list(dict.fromkeys((*self.warehouses, *named)))

    # --- what is shown ------------------------------------------------------------------------------

    @property
    def project_going(self) -> str:
        """Since when the Project is being deleted; empty if it is not."""
        return self._project_going

    @property
    def lines(self) -> Mapping[str, Sequence[FreightFacts]]:
        """The Freight that is known, by origin, newest first."""
        if self._lines is None:
            found: dict[str, list[FreightFacts]] = defaultdict(list)
            for each in sorted(self.freight.values(), key=lambda one: one.age, reverse=True):
                found[each.origin].append(each)
            self._lines = dict(found)
        return self._lines

    def refresh(self, now: datetime, revision: int) -> bool:
        """Bring the cells in line with what is known at a revision; return whether they are.

        Where many have changed some are brought in line, and it is to be called again once others have had the loop: what is
        shown has a new version after the last of them.
        """
        if not self._is_under_way and self.due is not None and self.due <= now:
            self._is_time = True
            self._dirty.update(stage for stage, at in self._openings.items() if at <= now)
        if not self._is_laid_out:
            self._lay_out()
        self._is_under_way |= bool(self._dirty) or self._lines is None
        room = _AT_ONCE
        while self._dirty:
            if room <= 0:
                return False
            name = self._dirty.pop()
            room -= self._weight(name)
            self._refresh_one(name, now)
        if self._is_under_way:
            self._drop_unneeded()
            self.due = min(self._openings.values(), default=None)
        if self._is_changed:
            self.version += 1
            # Whoever has that revision need not have what time has changed.
            self.changed_at = revision + self._is_time
        self._is_changed = self._is_under_way = self._is_time = False
        return True

    def _refresh_one(self, name: str, now: datetime) -> None:
        """Bring a cell in line with what is known; of what cannot be shown it is said why."""
        try:
            self._refresh_cell(name, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this one Stage
            _log.exception("Stage %s/%s is shown as one that cannot be read", self.name, name)
            stage = facts.of_unreadable_stage(name, f"{type(error).__name__}: {error}")
            place = self.layout.places[name]
            context = cells.CellContext(place=place, coming=Coming(), promotions=())
            self.coming[name] = context.coming
            self.cells[name] = cells.cell(stage, context)
            self._is_changed = True

    def _weight(self, name: str) -> int:
        """Return about how much is looked at for a cell: the Freight that there is of all that the Stage asks for."""
        stage = self.stages.get(name)
        if stage is None:
            return 1
        wanted = stage.slim.spec.requested_freight
        return sum((1 + len(self.lines.get(each.origin.key, ())) for each in wanted), 1)

    def _refresh_cell(self, name: str, now: datetime) -> None:
        self._openings.pop(name, None)
        stage = self.stages.get(name)
        if stage is None:
            self.coming.pop(name, None)
            self._is_changed |= self.cells.pop(name, None) is not None
            return
        found = coming(
            *(stage, self.lines),
            now=now,
            project_going=self._project_going,
            frozen=self.frozen,
            calendar=self.calendar,
        )
        self.coming[name] = found
        opens_at = found.blocker.opens_at if found.blocker is not None else None
        own = self.calendar.of(name, stage.slim.metadata.labels)
        turns_at = own.opening(now).changes_at if own.windows else None
        turns = [each for each in (opens_at, turns_at) if each is not None]
        if turns:
            self._openings[name] = min(turns)
        made = cells.cell(
            stage,
            cells.CellContext(
                place=self.layout.places[name],
                coming=found,
                promotions=self.unended(name),
                brought_by=self.promotions.get(stage.last),
                since=self._since(stage),
            ),
        )
        if made != self.cells.get(name):
            self.cells[name] = made
            self._is_changed = True

    def _since(self, stage: StageFacts) -> int:
        for name in stage.held.values():
            known = self.freight.get(name)
            status = known.slim.status if known is not None and known.slim is not None else None
            entered = status.currently_in.get(stage.name) if status is not None else None
            if entered is not None and moments.read(entered.since) is not None:
                return facts.seconds(entered.since)
        return 0

    def _lay_out(self) -> None:
        before = self.layout
        self.layout = laid_out(_node(each) for each in self.stages.values())
        self._below = defaultdict(set)
        for each in self.stages.values():
            for name in each.up:
                self._below[name].add(each.name)
        for name, place in self.layout.places.items():
            if before.places.get(name) == place:
                continue
            if name in self.cells and name not in self._dirty:  # nothing else of it has changed
                self.cells[name] = cells.moved(self.cells[name], place)
                self._is_changed = True
            else:
                self._dirty.add(name)
        self._is_changed |= before.rows != self.layout.rows or before.columns != self.layout.columns
        self._is_laid_out = True

    def _drop_unneeded(self) -> None:
        """Forget Freight that is neither among the newest nor in a Stage."""
        held = {name for each in self.stages.values() for name in each.held.values()}
        over = [
            each.name
            for line in self.lines.values()
            for each in line[LINE:]
            if each.name not in held
        ]
        gone = [
            each.name
            for each in self.freight.values()
            if each.slim is None and each.name not in held
        ]
        for name in (*over, *gone):
            self.freight.pop(name, None)
            self._is_changed = True
            self._lines = None

    # --- what concerns what --------------------------------------------------------------------------

    def _want(self, stage: StageFacts) -> None:
        for name in stage.held.values():
            if name not in self.freight:
                self.wanted_freight[name] = None
        if stage.last and stage.last not in self.promotions:
            self.wanted_promotions[stage.last] = stage.name

    def _is_last(self, promotion: PromotionFacts) -> bool:
        """Whether it is, or may become once the Stage has taken it in, what its Stage ended last."""
        stage = self.stages.get(promotion.stage)
        if stage is None:
            return False
        known = self.promotions.get(stage.last)
        return known is None or promotion.rank >= known.rank

    def _holding(self, freight: str) -> StageFacts | None:
        return next((each for each in self.stages.values() if freight in each.contents), None)

    def _concerned(self, before: FreightFacts | None, after: FreightFacts | None) -> Iterable[str]:
        """Return the Stages whose cell may depend on a change of Freight."""
        known = after or before
        if known is None or self._read is not None:  # while it is read, all have yet to be made
            return ()
        if before is None or after is None or before.age != after.age:
            return self._near(known)
        if before.kept_back != after.kept_back:
            return self._near(known)
        changed = set[str]()
        for one, other in zip(_marks(before), _marks(after), strict=True):
            changed.update(name for name in {*one, *other} if one.get(name) != other.get(name))
        below = (self._below.get(name, ()) for name in changed)
        return changed.union(*below) & self.stages.keys()

    def _near(self, freight: FreightFacts) -> Iterable[str]:
        """Return the Stages that Freight which has come or gone may be next for, or counts in."""
        marked = {name for marks in _marks(freight) for name in marks}
        below = set[str]().union(*(self._below.get(name, ()) for name in marked))
        origin = freight.origin.partition("/")[2]
        return [
            each.name
            for each in self.stages.values()
            if each.name in marked
            or each.name in below
            or origin in each.direct
            or freight.name in each.contents
            or self._counts(each.name, freight)
        ]

    def _counts(self, stage: str, freight: FreightFacts) -> bool:
        known = self.coming.get(stage)
        newest = known.next if known is not None else None
        return newest is not None and newest.origin == freight.origin and newest.age >= freight.age


def _node(stage: StageFacts) -> StageNode:
    return StageNode(
        name=stage.name,
        up=stage.up,
        environment=labelled(stage.labels, ENVIRONMENT_LABELS),
        row=labelled(stage.labels, ROW_LABELS),
    )


def _marks(freight: FreightFacts) -> list[Mapping[str, object]]:
    """Return what Freight says of Stages, by their names."""
    status = freight.slim.status if freight.slim is not None else None
    if status is None:
        return [{}, {}, {}, {}]
    clocks = status.metadata.get(SOAK)
    return [
        status.currently_in,
        status.verified_in,
        status.approved_for,
        clocks if isinstance(clocks, dict) else {},
    ]


KINDS: Final = (
    scheme.PROJECT,
    scheme.NAMESPACE,
    scheme.WAREHOUSE,
    scheme.STAGE,
    scheme.FREIGHT,
    scheme.PROMOTION,
    scheme.PROMOTION_TASK,
    scheme.CLUSTER_PROMOTION_TASK,
    scheme.PROJECT_CONFIG,
    scheme.CLUSTER_CONFIG,
)
"""Kinds of objects that it is made of."""
