"""Takes back operations of Argo CD that a Promotion has asked for and nobody waits for any more.

An operation that Argo CD has not begun would be carried out later, as when a sync window opens, long after everybody has turned
to something else. One that it has begun goes on, and is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import Conflict, NotFound, TowpathError
from towpath.rules.argocd.application import read
from towpath.rules.argocd.operation import withdrawal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.promotion.doors.argocd import Installations, ServingArgoCD

_MOST_TRIES: Final = 3


async def withdrawn(
    installations: Installations, project: str, stage: str, promotion: str, begun: Any
) -> list[str]:
    """Take back what has not begun; return what became of each operation that has not ended, for people. It never raises.

    `begun`: the note of what was begun (`argocd.BEGUN`).
    """
    said = []
    for each in begun if isinstance(begun, list) else ():
        if not isinstance(each, dict):
            continue
        named = f"{each.get('namespace')}/{each.get('name')}"
        try:
            there = await installations.serving(project, stage)
            if there.name != each.get("connection"):
                raise NotFound(
                    f"it was asked for by connection {each.get('connection')}, and the Stage has {there.name} now"
                )
            became = await _taken_back(there, each, promotion)
        except TowpathError as error:
            became = f"could not be taken back, and may be carried out later: {error.message}"
        if became:
            said.append(f"the sync of Argo CD Application {named} {became}")
    return said


async def _taken_back(there: ServingArgoCD, noted: Mapping[str, Any], promotion: str) -> str:
    """Take one back; return what became of it, empty where it has ended."""
    namespace, name = str(noted.get("namespace") or ""), str(noted.get("name") or "")
    for tries in range(_MOST_TRIES):
        document = await there.api.get(namespace, name)
        if document is None:
            return ""
        application = read(document)
        patch = withdrawal(application, promotion)
        if patch is None:
            state = application.state
            is_ours = state is not None and state.operation.promotion == promotion
            if state is None or not is_ours or state.is_complete:
                return ""
            return "goes on: Argo CD has begun it"
        try:
            await there.api.patch(namespace, name, patch)
        except NotFound:
            return ""
        except Conflict:
            if tries + 1 == _MOST_TRIES:
                raise
        else:
            return "was taken back: Argo CD had not begun it"
    raise AssertionError("the last try returns or raises")
