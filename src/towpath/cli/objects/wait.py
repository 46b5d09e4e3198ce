"""`towpath wait`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from towpath.cli.options import INTERRUPTED, completing, duration, needed, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.kinds.kinds import NamedKind
    from towpath.cli.objects.waited_for import Goal
    from towpath.cli.waiting import Deadline
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_TIMED_OUT: Final = 3
_WATCHED: Final = ("Stage", "Warehouse", "Promotion", "ProjectConfig", "ClusterConfig")
_PAUSE: Final = 1.0


@click.command("wait")
@click.argument("kind", shell_complete=completing("kinds"))
@click.argument("names", nargs=-1, metavar="NAME...", shell_complete=completing("names"))
@with_project
@click.option(
    "--for",
    "what",
    required=True,
    metavar="WHAT",
    help="condition=TYPE[=STATUS], phase=PHASE, freight=NAME|ALIAS, verified, delete, or jsonpath=PATH[=VALUE].",
)
@click.option(
    "--timeout",
    type=duration,
    metavar="DURATION",
    help="How long, such as 90s; as long as it takes if not given.",
)
@with_server
def command(
    kind: str,
    names: tuple[str, ...],
    project: str | None,
    what: str,
    timeout: float | None,
    connect: Callable[[], Client],
) -> int:
    """Wait until objects are in a state: a condition, a phase, Freight in a Stage, its verification, or that they are gone.

    Exit code 3: it was not so within --timeout. A Promotion that has ended otherwise than its phase was waited for, ends the
    waiting with 2.

    \b
    Examples:
      towpath wait stage prod -p sandbox-example --for freight=fearless-fox --timeout 10m
      towpath wait stage prod -p sandbox-example --for verified
      towpath wait stage prod -p sandbox-example --for condition=Healthy
      towpath wait promotion prod.01j0000000000000000000000.47b33c0 -p sandbox-example --for phase=Succeeded
      towpath wait warehouse main -p sandbox-example --for jsonpath='{.status.lastFreightID}'
      towpath wait project sandbox-example --for delete
    """
    from towpath.cli import terminal
    from towpath.cli.kinds import kinds
    from towpath.cli.objects import waited_for
    from towpath.cli.waiting import Deadline

    asked = kinds.asked(kind, names)
    for found, some in asked:
        if not some and not found.is_single:
            raise BadRequest(f"wait {kind}: name which one")
        if found.collection:
            raise BadRequest(
                f"wait {kind}: objects with a state are waited for, and these have none"
            )
    goal = waited_for.goal(what)
    where = needed(project) if any(found.in_project for found, _ in asked) else ""
    client = connect()
    deadline = Deadline(float("inf") if timeout is None else timeout)
    worst = 0
    for found, some in asked:
        for name in some or ("",):
            within = where if found.in_project else ""
            printed = f"{found.printed}/{name or within or 'cluster'}"
            wanted = waited_for.resolved(goal, lambda alias: _freight(client, where, alias))
            try:
                code, said = _one(client, found, within, name, wanted, deadline, printed)
            except KeyboardInterrupt:
                return INTERRUPTED
            if code:
                terminal.say(f"towpath: {said}", err=True)
            else:
                terminal.tell(said)
            worst = max(worst, code)
    return worst


def _one(
    client: Client,
    kind: NamedKind,
    project: str,
    name: str,
    goal: Goal,
    deadline: Deadline,
    printed: str,
) -> tuple[int, str]:
    from towpath.cli.waiting import until
    from towpath.errors import NotFound

    last: list[Document] = []

    def is_done(document: Document) -> bool:
        last[:] = [document]
        return goal.is_reached(document) or goal.is_lost(document)

    try:
        if kind.name in _WATCHED:
            done = until(
                lambda remaining: client.watch(kind.plural, project, name, remaining=remaining),
                is_done,
                deadline,
                printed,
            )
        else:
            done = _polled(client, kind, project, name, is_done, deadline)
    except NotFound:
        if goal.is_deletion:
            return 0, f"{printed} is gone"
        raise
    if done is None:
        state = goal.state(last[0]) if last else "nothing is known of it"
        return _TIMED_OUT, f"timed out: {printed}: {goal.text} is not so; {state}"
    if not goal.is_reached(done):
        return 2, f"{printed}: {goal.text} will not be so; {goal.state(done)}"
    return 0, f"{printed} {goal.text}"


def _polled(
    client: Client,
    kind: NamedKind,
    project: str,
    name: str,
    is_done: Callable[[Document], bool],
    deadline: Deadline,
) -> Document | None:
    """Ask again and again for what cannot be watched; as `waiting.until`."""
    while True:
        document = client.get(kind.plural, project, name)
        if is_done(document):
            return document
        if deadline.remaining() <= 0:
            return None
        deadline.sleep(_PAUSE)


def _freight(client: Client, project: str, named: str) -> str:
    """Return the name of Freight that is named by name or alias."""
    from towpath.cli.forms import printing

    return printing.name_of(client.get("freight", project, named))
