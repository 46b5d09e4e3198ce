"""Moves: many targets in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sdk import answers, paths
from towpath.sdk.call import ApiCall, described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.document import Document


class MoveCalls:
    """Calls that move Freight, or change what may move, as `docs/reference/moves.md` has them."""

    @described
    def move(
        self,
        project: str,
        kind: str,
        stages: Sequence[str] = (),
        *,
        freight: str = "",
        origin: str = "",
        reason: str = "",
        plan: str = "",
        if_rev: int | None = None,
        key: str = "",
        until: str = "",
        line: bool = False,
    ) -> ApiCall[Document]:
        """Carry out a kind of move: `promote`, `rollback`, `downstream`, `approve`, `hold`, `resume`, `verify`, ….

        `line`: of `hold` and `resume`, in the place of Stages: stop the line of the Project, or resume it (`ScreenCalls.line`).
        Returns what became of each target: `{kind, targets: [{stage, result, …}], refused}`. With a `key` it is sent again
        where the connection breaks off, and done once. Raises MovesRefused where nothing was moved as something has changed.
        """
        wanted = {
            "freight": freight,
            "origin": origin,
            "reason": reason,
            "planId": plan,
            "ifRev": if_rev,
            "key": key,
            "until": until,
        }
        body = {
            "kind": kind,
            **({"line": True} if line else {"stages": list(stages)}),
            **{name: value for name, value in wanted.items() if value not in ("", None)},
        }
        return ApiCall(
            method="POST",
            path=paths.own(project, "moves"),
            body=body,
            read=answers.document,
            repeatable=bool(key),
        )
