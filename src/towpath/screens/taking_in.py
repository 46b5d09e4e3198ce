"""Takes objects in: what is stored becomes facts of a live Project. An object that cannot be read is shown as such."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, TypeVar

from towpath.errors import TowpathError
from towpath.resources import scheme
from towpath.resources.cluster_config import ClusterConfig
from towpath.resources.freight import Freight
from towpath.resources.meta import Resource
from towpath.resources.project_config import ProjectConfig
from towpath.resources.promotion import Promotion
from towpath.resources.stage import Stage
from towpath.resources.warehouse import Warehouse
from towpath.rules import freezing, inflation
from towpath.rules.board import facts
from towpath.rules.gates import steps
from towpath.rules.promotion_windows.calendar import cluster_windows
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.kinds import Ref
    from towpath.rules.board.facts import StageFacts
    from towpath.rules.promotion_windows.calendar import ClusterWindows
    from towpath.screens.live_project import LiveProject
    from towpath.store.contract import Stored

Document = dict[str, Any]
ResourceT = TypeVar("ResourceT", bound=Resource)
_PASSED_OVER: Final = "it is not shown"
_UNHEEDED: Final = "its promotion windows are not shown"
_log = logging.getLogger(__name__)


class Tasks:
    """The tasks that there are, in outline, which decide whether a Stage's Promotions can be made."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Document] = {}

    def set(self, ref: Ref, stored: Stored | None) -> None:
        """Note a task; None: it is gone."""
        key = (ref.kind.name, ref.namespace, ref.name)
        self._known.pop(key, None)
        if stored is None:
            return
        try:
            self._known[key] = inflation.outline(stored.document)
        except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this one object
            _log.error("%s is taken for missing: %s", ref, _said(error))

    def find(self, project: str, kind: str, name: str) -> Mapping[str, Any] | None:
        """Return a task by the kind and name that a step has; None if there is none."""
        space = "" if kind == scheme.CLUSTER_PROMOTION_TASK.name else project
        return self._known.get((kind, space, name))


def take_in(live: LiveProject, ref: Ref, stored: Stored | None, tasks: Tasks) -> None:
    """Have a live Project know an object of it; None: it is gone. What cannot be taken in is left as it was, and named."""
    try:
        _take_in(live, ref, stored, tasks)
    except TowpathError:
        raise  # the world's answer, not a fault of the object
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this one object
        _log.exception("%s is shown as it was before: %s", ref, _said(error))


def _take_in(live: LiveProject, ref: Ref, stored: Stored | None, tasks: Tasks) -> None:
    match ref.kind:
        case scheme.PROJECT | scheme.NAMESPACE:
            _take_project(live, ref, stored)
        case scheme.PROJECT_CONFIG:
            live.set_config(_viewed(stored, ProjectConfig))
        case scheme.CLUSTER_CONFIG:
            live.set_cluster_windows(windows_of(stored))
        case scheme.WAREHOUSE:
            live.set_warehouse(ref.name, _warehouse(stored) if stored is not None else None)
        case scheme.STAGE:
            live.set_stage(ref.name, stage_facts(stored, tasks) if stored is not None else None)
        case scheme.FREIGHT:
            freight = view(stored, Freight, purpose=_PASSED_OVER) if stored is not None else None
            known = facts.of_freight(freight) if freight is not None else None
            live.set_freight(ref.name, known)
        case scheme.PROMOTION:
            made = view(stored, Promotion, purpose=_PASSED_OVER) if stored is not None else None
            live.set_promotion(ref.name, facts.of_promotion(made) if made is not None else None)


def stage_facts(stored: Stored, tasks: Tasks) -> StageFacts:
    """Return the facts of a Stage, or that it cannot be read, and why."""
    try:
        stage = stored.view(Stage)
        template = stage.spec.promotion_template
        made_from = None
        if template is not None and any(step.task is not None for step in template.spec.steps):
            project = stored.ref.namespace
            made_from = steps.faults(
                stored.document, lambda kind, name: tasks.find(project, kind, name)
            )
        return facts.of_stage(stage, made_from)
    except TowpathError as error:
        return facts.of_unreadable_stage(stored.ref.name, error.message)
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this one object
        _log.error("%s is shown as one that cannot be read: %s", stored.ref, error)
        return facts.of_unreadable_stage(stored.ref.name, _said(error))


def windows_of(stored: Stored | None) -> ClusterWindows:
    """Return the promotion windows of the ClusterConfig; None: there is none."""
    return cluster_windows(_viewed(stored, ClusterConfig))


def _said(error: Exception) -> str:
    return error.message if isinstance(error, TowpathError) else f"{type(error).__name__}: {error}"


def _viewed(stored: Stored | None, kind: type[ResourceT]) -> ResourceT | None:
    return view(stored, kind, purpose=_UNHEEDED) if stored is not None else None


def _warehouse(stored: Stored) -> facts.WarehouseFacts:
    try:
        return facts.of_warehouse(stored.view(Warehouse))
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this one object
        said = error.message if isinstance(error, TowpathError) else str(error)
        return facts.WarehouseFacts(
            name=stored.ref.name, error=facts.first_line(f"cannot be read: {said}")
        )


def _take_project(live: LiveProject, ref: Ref, stored: Stored | None) -> None:
    try:
        metadata = stored.document["metadata"] if stored is not None else {}
    except TowpathError:
        metadata = {}
    going = metadata.get("deletionTimestamp")
    is_going = going if isinstance(going, str) else ""
    if ref.kind is scheme.NAMESPACE:
        live.set_going(is_going)
        return
    live.set_frozen(freezing.of(metadata))
    labels = metadata.get("labels")
    found = labels if isinstance(labels, dict) else {}
    live.set_labels({key: each for key, each in found.items() if isinstance(each, str)})
