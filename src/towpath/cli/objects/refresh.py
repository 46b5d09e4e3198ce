"""`towpath refresh`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from towpath.cli.options import (
    INTERRUPTED,
    completing,
    needed,
    some,
    with_project,
    with_server,
    with_timeout,
)
from towpath.errors import BadRequest, Unavailable
from towpath.resources.annotations import REFRESH

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.kinds.kinds import NamedKind
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_FAILED: Final = 1
_TIMED_OUT: Final = 3
_NOT_LOOKED: Final = "ReconcileError"
"""Reason of Ready: the look did not come to its end."""


@click.command("refresh")
@click.argument(
    "kind",
    metavar="stage|warehouse|projectconfig|clusterconfig",
    shell_complete=completing("refreshable"),
)
@click.argument("name", required=False, shell_complete=completing("names"))
@with_project
@with_timeout
@with_server
def command(
    kind: str,
    name: str | None,
    project: str | None,
    wait: bool,
    timeout: float | None,
    connect: Callable[[], Client],
) -> int:
    """Have Towpath look at a Stage, a Warehouse or a configuration now, instead of when its interval is over.

    A ClusterConfig is the instance's, a ProjectConfig its Project's: there is one of each, so they take no name.

    With --wait it returns when that was done. Exit code 1: the look failed, and why is told; 3: it was not done
    within --timeout; 130: it was interrupted (Ctrl-C), and goes on.

    \b
    Examples:
      towpath refresh warehouse example-container --project sandbox-example --wait
      towpath refresh clusterconfig
      towpath refresh stage preprod --project sandbox-example --wait --timeout 30s
    """
    from towpath.cli import terminal
    from towpath.cli.kinds import kinds

    seconds = some(timeout, wait=wait)
    kind, names = kinds.split(kind, (name,) if name else ())
    found = kinds.named(kind)
    if found.name not in ("Stage", "Warehouse", "ProjectConfig", "ClusterConfig"):
        raise BadRequest(
            f"refresh {kind}: stages, warehouses, projectconfig and clusterconfig can be refreshed"
        )
    if len(names) != (not found.is_single):
        raise BadRequest(
            f"refresh {kind}: " + ("it takes no name" if found.is_single else "name which one")
        )
    where = needed(project) if found.in_project else ""
    name = "".join(names)
    client = connect()
    client.refresh(found.plural, where, name)
    printed = f"{found.printed}/{name or where or 'cluster'}"
    if wait:
        of = f" -p {where}" if where else ""
        again = f"towpath refresh {found.name.lower()}{f' {name}' if name else ''}{of} --wait"
        try:
            done = _wait(client, found, where, name, seconds)
        except KeyboardInterrupt:
            terminal.say(
                f"towpath: interrupted: {printed} is looked at all the same; wait for it with: {again}",
                err=True,
            )
            return INTERRUPTED
        if done is None:
            terminal.say(f"towpath: timed out: {printed} is not refreshed yet", err=True)
            return _TIMED_OUT
        failed = failures(found, done)
        for why in failed or warnings(done):
            what = "the look failed" if failed else "warning"
            terminal.say(f"{printed}: {what}: {why}", err=True)
        if failed:
            return _FAILED
    terminal.tell(f"{printed} refreshed")
    return 0


def _wait(
    client: Client, kind: NamedKind, project: str, name: str, seconds: float
) -> Document | None:
    from towpath.cli.waiting import Deadline, until

    return until(
        lambda remaining: client.watch(kind.plural, project, name, remaining=remaining),
        Handled(),
        Deadline(seconds),
        f"{kind.printed}/{name or project or 'cluster'}",
    )


class Handled:
    """Tells whether an object's refresh was done, though others may ask for one meanwhile."""

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def __call__(self, document: Document) -> bool:
        """Take the next state. Raises Unavailable if there is no trace of the request in the first."""
        from towpath.cli.kinds import kinds

        asked = kinds.at("metadata", "annotations", REFRESH)(document)
        if asked:
            self._asked.add(asked)
        if not self._asked:
            raise Unavailable(f"the server took the refresh and did not note it in {REFRESH}")
        return kinds.at("status", "lastHandledRefresh")(document) in self._asked


def failures(kind: NamedKind, document: Document) -> list[str]:
    """Return why the look at an object failed, empty if it did not.

    A Stage that was looked at may be not ready, and that is what the look has found; a Warehouse or a configuration that
    is not ready could not be looked at.
    """
    from towpath.cli.kinds import kinds

    if kind.name == "Stage":
        ready = kinds.condition(document, "Ready") or {}
        is_failed = ready.get("status") == "False" and ready.get("reason") == _NOT_LOOKED
        return [str(ready.get("message") or _NOT_LOOKED)] if is_failed else []
    return warnings(document)


def warnings(document: Document) -> list[str]:
    """Return what an object's conditions say is wrong with it."""
    from towpath.cli.kinds import kinds

    told: dict[str, str] = {}
    for kind in ("Healthy", "Ready"):
        condition = kinds.condition(document, kind)
        if condition is not None and condition.get("status") == "False":
            why = str(condition.get("message") or condition.get("reason"))
            told.setdefault(why, f"{kind} is False: {why}")
    return list(told.values())
