"""The body and the answer of `moves`, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any, Literal

from towpath.server.shaped import Moment, Shaped


class WantedMove(Shaped):
    """What is asked for, on which Stages."""

    kind: Literal[
        "promote",
        "rollback",
        "downstream",
        "approve",
        "hold",
        "resume",
        "verify",
        "quarantine",
        "release",
    ] = "promote"
    stages: list[str] = []
    line: bool = False
    """Of `hold` and `resume`, in the place of `stages`: stop the line, or resume it."""
    freight: str = ""
    origin: str = ""
    reason: str = ""
    plan_id: str = ""
    if_rev: int | None = None
    key: str = ""
    until: str = ""
    """Of `hold`: when it ends by itself, a moment or how long from now."""


class MoveTarget(Shaped):
    """What became of one target."""

    result: Literal[
        "promoted",
        "approved",
        "held",
        "resumed",
        "verifying",
        "quarantined",
        "released",
        "refused",
    ]
    stage: str = ""
    freight: str = ""
    promotion: str = ""
    verification: str = ""
    holds: dict[str, str] = {}
    until: str = ""
    """When the holds end by themselves; left out where they do not."""
    resumed: list[str] = []
    status: int = 0
    error: str = ""
    gates: list[dict[str, Any]] = []
    changed: list[str] = []


class MovesMade(Shaped):
    """What became of each."""

    rev: int
    at: Moment
    kind: str
    targets: list[MoveTarget]
    refused: int
