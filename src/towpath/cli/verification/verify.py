"""`towpath verify`."""

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
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_NOT_GOOD: Final = 2
_TIMED_OUT: Final = 3
_UNDER_WAY: Final = ("", "Pending", "Running")


@click.command("verify")
@click.argument(
    "what", nargs=-1, required=True, metavar="[stage] NAME", shell_complete=completing("stages")
)
@with_project
@click.option("--abort", is_flag=True, help="Give the verification that is under way up.")
@with_timeout
@with_server
def command(
    what: tuple[str, ...],
    project: str | None,
    abort: bool,
    wait: bool,
    timeout: float | None,
    connect: Callable[[], Client],
) -> int:
    """Verify what is in a Stage again, or give its verification up.

    With --wait the exit code says how it ended: 0 it was successful, 2 it was not, 3 --timeout came first (the
    verification goes on), 1 it could not be asked for or watched, 130 it was interrupted (Ctrl-C; it goes on). With
    --abort and --wait: 0 once it has ended.

    \b
    Examples:
      towpath verify preprod --project sandbox-example
      towpath verify stage preprod --project sandbox-example --wait --timeout 10m
      towpath verify preprod --project sandbox-example --abort
    """
    from towpath.cli import terminal
    from towpath.cli.kinds import kinds

    seconds = some(timeout, wait=wait)
    word, names = (
        kinds.split(what[0], what[1:]) if len(what) > 1 or "/" in what[0] else ("stage", what)
    )
    if kinds.named(word).name != "Stage" or len(names) != 1:
        raise BadRequest(f"verify {' '.join(what)}: name one Stage")
    where, name = needed(project), names[0]
    client = connect()
    before = _id(_newest(client.get("stages", where, name))) if wait else ""
    if abort:
        client.abort_verification(where, name)
    else:
        client.verify(where, name)
    printed = f"stage.kargo.akuity.io/{name}"
    if not wait:
        terminal.tell(f"{printed} verification {'abort ' if abort else ''}requested")
        return 0
    try:
        done = _wait(client, where, name, seconds, before, is_abort=abort)
    except KeyboardInterrupt:
        terminal.say(
            f"towpath: interrupted: the verification goes on; see it with: towpath explain {name} -p {where}",
            err=True,
        )
        return INTERRUPTED
    if done is None:
        said = _hindrance(client.get("stages", where, name))
        terminal.say(f"towpath: timed out: {printed} is not verified yet{said}", err=True)
        return _TIMED_OUT
    run = _newest(done)
    phase, message = str(run.get("phase") or ""), str(run.get("message") or "")
    terminal.say(f"{printed} verification {phase}" + (f": {message}" if message else ""))
    return 0 if abort or phase == "Successful" else _NOT_GOOD


def _wait(
    client: Client, project: str, name: str, seconds: float, before: str, *, is_abort: bool
) -> Document | None:
    from towpath.cli.waiting import Deadline, until

    def is_done(stage: Document) -> bool:
        run = _newest(stage)
        is_meant = _id(run) == before if is_abort else _id(run) != before
        return (is_meant and run.get("phase") not in _UNDER_WAY) or (
            is_abort and bool(_id(run)) and not is_meant
        )

    return until(
        lambda remaining: client.watch("stages", project, name, remaining=remaining),
        is_done,
        Deadline(seconds),
        f"stage.kargo.akuity.io/{name}",
    )


def _newest(stage: Document) -> Document:
    """Return the newest verification of what a Stage holds, {} if there is none."""
    history = (stage.get("status") or {}).get("freightHistory") or [{}]
    runs = history[0].get("verificationHistory") or [{}]
    found: Document = runs[0]
    return found


def _id(run: Document) -> str:
    return str(run.get("id") or "")


def _hindrance(stage: Document) -> str:
    """Return what the Stage says of its health, which verifications wait for; empty while it is Healthy."""
    from towpath.cli.kinds import kinds

    healthy = kinds.condition(stage, "Healthy") or {}
    if healthy.get("status") == "True":
        return ""
    return f": it waits for a healthy Stage: {healthy.get('message') or healthy.get('reason')}"
