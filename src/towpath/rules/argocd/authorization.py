"""Who may change an Application: the Stages that it names in an annotation, as Kargo has it.

`kargo.akuity.io/authorized-stage` holds `PROJECT:STAGE`, several separated by commas. It is believed whole or not at all: an
entry that cannot be read, or one with a `*`, may mean anything.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.resources.annotations import AUTHORIZED_STAGE

if TYPE_CHECKING:
    from towpath.rules.argocd.application import Application


def stages(annotation: str) -> frozenset[tuple[str, str]] | None:
    """Return the Projects and Stages that an annotation names; None where it cannot be believed."""
    found = set()
    for entry in annotation.split(","):
        project, colon, stage = entry.partition(":")
        if not colon or "*" in entry:
            return None
        found.add((project.strip(), stage.strip()))
    return frozenset(found)


def is_authorized(annotation: str | None, project: str, stage: str) -> bool:
    """Whether a Stage may change an Application with this annotation; None: it has none."""
    return annotation is not None and (project, stage) in (stages(annotation) or ())


@dataclass(frozen=True, slots=True)
class Permission:
    """What has to be applied for a Stage to be allowed."""

    patch: dict[str, Any]
    """A merge patch (RFC 7396) of the Application."""
    command: str
    """The same with kubectl."""


def permission(application: Application, project: str, stage: str) -> Permission:
    """Return what allows a Stage to change an Application; who is allowed already stays so."""
    known = stages(application.annotations.get(AUTHORIZED_STAGE, ""))
    entries = sorted({*(known or ()), (project, stage)})
    value = ",".join(f"{each}:{name}" for each, name in entries)
    patch = {"metadata": {"annotations": {AUTHORIZED_STAGE: value}}}
    command = (
        f"kubectl -n {shlex.quote(application.namespace)} patch applications.argoproj.io {shlex.quote(application.name)} "
        f"--type merge -p {shlex.quote(json.dumps(patch))}"
    )
    return Permission(patch, command)


def refusal(application: Application, project: str, stage: str) -> str:
    """Return why a Stage may not change an Application, and what would allow it."""
    annotation = application.annotations.get(AUTHORIZED_STAGE)
    if annotation is None:
        why = f"it has no annotation {AUTHORIZED_STAGE}"
    elif stages(annotation) is None:
        why = (
            f"its annotation {AUTHORIZED_STAGE} ({annotation[:200]!r}) is no list of PROJECT:STAGE, separated by commas "
            "and without *"
        )
    else:
        why = f"its annotation {AUTHORIZED_STAGE} names {annotation[:200]!r}"
    allowed = permission(application, project, stage)
    return (
        f"{application.said} may not be changed by Stage {stage} of Project {project}: {why}. Whoever may change the "
        f"Application can allow it: {allowed.command}"
    )
