"""`towpath why`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.options import completing, needed, output, with_project, with_server
from towpath.resources.document import documents, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_FINE: Final = (None, "Healthy", "NotApplicable", "NoFreight")
"""Health that needs no word."""


@click.command("why")
@with_project
@click.argument("stage", metavar="STAGE", shell_complete=completing("stages"))
@click.option(
    "--freight",
    metavar="NAME|ALIAS",
    help="The Freight; the newest if not given.",
    shell_complete=completing("aliases"),
)
@output("text", "json", "yaml", default="text")
@with_server
def command(
    project: str | None,
    stage: str,
    freight: str | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Say in sentences why Freight does not come into a Stage, who can do something about it, and what comes after.

    It is `towpath explain` for reading: of each gate that is shut why, when it opens by itself, who or what can open it and the
    command that does; then the Stages that follow, with the earliest time at which the Freight could be there.

    \b
    Examples:
      towpath why -p sandbox-example prod
      towpath why -p sandbox-example prod --freight fearless-fox
      towpath why -p sandbox-example prod -o json
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing
    from towpath.cli.kinds import contents, kinds

    where, name = needed(project), kinds.bare(stage, "Stage") or ""
    client = connect()
    told = client.explain_stage(where, name, kinds.bare(freight, "Freight") or "")
    if form != "text":
        printing.show_value(told, form)
        return
    parts = _parts(told)
    names = [str(part["freight"]) for part in parts if part.get("freight")]
    known = contents.known(client, where, names)
    for place, part in enumerate(parts):
        if place:
            terminal.say()
        now = int(time.time())
        for line in _sentences(name, part, known):
            terminal.say(line)
        for line in _after(part, name, now):
            terminal.say(line)
    if not parts:
        terminal.say(f"Stage {name} requests no Freight.")
    for line in _others(told):
        terminal.say(line)


def _parts(told: Document) -> list[Document]:
    if "gates" in told:
        return [told]
    return documents(told, "explanations")


def _sentences(stage: str, part: Document, known: Mapping[str, Document]) -> Iterator[str]:
    """Yield what keeps one Freight from a Stage, and when it could be there."""
    from towpath.cli.kinds import contents
    from towpath.cli.why.gates import soonest

    named = contents.shown({"name": part.get("freight"), "alias": part.get("alias")}, known)
    shut = [gate for gate in documents(part, "gates") if not gate.get("open")]
    whence = f" of {part['origin']}" if part.get("origin") else ""
    subject = f"Freight {named}{whence}" if named else f"There is no Freight{whence}"
    if not shut:
        yield f"{subject} can go to Stage {stage}: every gate is open." if named else f"{subject}."
        return
    if any(gate.get("name") == "present" for gate in shut):
        yield f"{subject} is in Stage {stage} already."
    elif not any(gate.get("bars") == "promotion" for gate in shut):
        yield f"{subject} can be promoted to Stage {stage}." if named else f"{subject}."
    else:
        yield f"{subject} cannot go to Stage {stage}." if named else f"{subject} for Stage {stage}."
    if soon := soonest(part):
        yield f"It could be there at {soon} at the earliest, if all before it goes well."
    for gate in shut:
        yield from _gate(gate)


def _gate(gate: Document) -> Iterator[str]:
    yield f"{gate.get('means') or 'It does not move'}, as {gate.get('name')} is shut: {_sentence(gate.get('reason'))}"
    if gate.get("since"):
        yield f"  It has been so since {gate['since']}."
    if gate.get("opensAt"):
        yield f"  It opens by itself at {gate['opensAt']}."
    if ways := texts(gate, "opensBy"):
        yield f"  What opens it: {'; or '.join(ways)}."
    if who := texts(gate, "who"):
        yield f"  Who may: {', '.join(who)}."
    if gate.get("command"):
        yield f"  Try: {gate['command']}"


def _sentence(reason: Any) -> str:
    said = str(reason or "nothing more is known")
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _after(part: Document, stage: str, now: int) -> list[str]:
    """Return the Stages behind one, with when the Freight could be there."""
    from towpath.cli.board.board_cells import lens_cell

    found = []
    for each in documents(part, "then"):
        name = str(each.get("stage"))
        if name != stage:
            seen = [
                each.get("state"),
                each.get("gate"),
                0,
                [each.get("earliest"), each.get("latest")],
            ]
            found.append(f"  {name}: {', '.join(lens_cell(name, seen, now).lines)}")
    return ["Then:", *found] if found else []


def _others(told: Document) -> Iterator[str]:
    """Yield what else is told of a Stage: what it waits for, what is before it in the queue, how well it is."""
    if told.get("waitingFor"):
        yield f"The Stage waits for: {_sentence(told['waitingFor'])}"
    for each in documents(told, "queue"):
        yield f"Promotion {each.get('promotion')} is {each.get('phase')}."
    health = told.get("health")
    if isinstance(health, dict) and health.get("status") not in _FINE:
        issues = "; ".join(texts(health, "issues"))
        why = f": {issues}" if issues else ""
        yield f"The health of the Stage is {health['status']}{why}."
