"""One call of `moves`: what is asked before it, and what became of each target after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from towpath.cli.options import DECLINED
from towpath.cli.terminal import plain
from towpath.errors import BadRequest
from towpath.resources.document import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

REFUSED: Final = 1
"""Exit code where a target was refused."""


def freight_of(freight: str | None, alias: str | None, command: str) -> str:
    """Return the Freight that --freight or --freight-alias names, empty for none. Raises BadRequest for both."""
    from towpath.cli.kinds import kinds

    if freight and alias:
        raise BadRequest(
            f"{command}: --freight and --freight-alias both name Freight; give one of them"
        )
    return kinds.bare(freight, "Freight") or alias or ""


def stages_of(words: Sequence[str], command: str) -> list[str]:
    """Return the Stages that are named, each once. Raises BadRequest for none."""
    from towpath.cli.kinds import kinds

    named = [kinds.bare(each, "Stage") for word in words for each in word.split(",")]
    names = [name for name in named if name]
    if not names:
        raise BadRequest(f"{command}: name a Stage; several may be named")
    return list(dict.fromkeys(names))


def confirmed(question: str, *, is_agreed: bool) -> None:
    """Ask a person at a terminal, unless they agreed before (--yes). Raises BadRequest for a no, and where nobody can be asked."""
    import sys

    if is_agreed:
        return
    if not sys.stdin.isatty():
        raise BadRequest(f"{question} Nobody can be asked here: give --yes")
    if not click.confirm(question, err=True):
        raise BadRequest(DECLINED)


def move(
    client: Client,
    project: str,
    kind: str,
    stages: Sequence[str],
    form: str,
    *,
    freight: str = "",
    origin: str = "",
    reason: str = "",
    plan: str = "",
    if_rev: int | None = None,
    key: str = "",
    until: str = "",
) -> tuple[Document, int]:
    """Carry a move out and show what became of each target; return the answer and the exit code.

    Where no key is given one is made, so that a connection that breaks off costs nothing. Raises MovesRefused where nothing
    was moved, with what has changed.
    """
    import uuid

    answer = client.move(
        project,
        kind,
        stages,
        freight=freight,
        origin=origin,
        reason=reason,
        plan=plan,
        if_rev=if_rev,
        key=key or uuid.uuid4().hex,
        until=until,
    )
    return answer, show(answer, form)


def show(answer: Document, form: str) -> int:
    """Show what became of each target of a move; return the exit code."""
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    targets = documents(answer, "targets")
    is_refused = any(each.get("result") == "refused" for each in targets)
    if form in ("json", "yaml"):
        printing.show_value(answer, form)
    elif form == "name":
        for each in targets:
            if each.get("promotion"):
                terminal.say(f"promotion.kargo.akuity.io/{plain(each['promotion'])}")
    for each in targets:
        if each.get("result") == "refused":
            for line in _refused(each):
                terminal.say(line, err=True)
        elif form == "text":
            terminal.tell(_done(each))
    return REFUSED if is_refused else 0


def _done(target: Document) -> str:
    result = plain(target.get("result"))
    named = (
        f"stage.kargo.akuity.io/{plain(target['stage'])}"
        if target.get("stage")
        else (f"freight.kargo.akuity.io/{plain(target.get('freight'))}")
    )
    if target.get("promotion"):
        return f"{named} {result}: promotion.kargo.akuity.io/{plain(target['promotion'])}"
    ended = target.get("resumed")
    if isinstance(ended, list):
        held = ", ".join(map(plain, ended))
        return f"{named} {result}" + (f": {held}" if held else ": nothing was held")
    until = f" until {plain(target['until'])}" if target.get("until") else ""
    return f"{named} {result}{until}"


def _refused(target: Document) -> Iterator[str]:
    yield f"towpath: stage.kargo.akuity.io/{plain(target.get('stage'))} refused: {plain(target.get('error'))}"
    for gate in documents(target, "gates"):
        said = [f"gate {plain(gate.get('name'))}"]
        if gate.get("reason"):
            said.append(plain(gate["reason"]))
        if gate.get("opensAt"):
            said.append(f"opens at {plain(gate['opensAt'])}")
        if gate.get("command"):
            said.append(f"try: {plain(gate['command'])}")
        yield f"  {': '.join(said[:2])}{''.join(f'; {each}' for each in said[2:])}"


def wait_for(client: Client, project: str, answer: Document, form: str, seconds: float) -> int:
    """Wait for the end of the Promotions of a move, telling how they go; return the exit code. `seconds`: how long."""
    from towpath.cli.promotions.following import Report
    from towpath.cli.waiting import Deadline

    names = [
        str(each["promotion"]) for each in documents(answer, "targets") if each.get("promotion")
    ]
    made = [client.get("promotions", project, name) for name in names]
    return Report(client, project, form).follow(made, Deadline(seconds))


def planned(
    client: Client, project: str, stages: Sequence[str], freight: str, *, is_agreed: bool
) -> str:
    """Show what a move would do, and ask; return the plan's id. Raises Abort for a no, BadRequest where nobody can be asked."""
    from towpath.cli import terminal

    plan = client.plan_many(project, stages, freight)
    for line in plan_lines(plan):
        terminal.say(line, err=True)
    confirmed("Move?", is_agreed=is_agreed)
    return str(plan.get("id") or "")


def plan_lines(plan: Document) -> Iterator[str]:
    """Yield a plan for several Stages as lines."""
    yield f"Plan {plain(plan.get('id'))}: Freight {plain(plan.get('freight'))[:7]}"
    for target in documents(plan, "targets"):
        said = f": {plain(target['msg'])}" if target.get("msg") else ""
        yield f"Stage {plain(target.get('stage'))}: {plain(target.get('result'))}{said}"
        for gate in documents(target, "gates"):
            if not gate.get("open"):
                yield f"  gate {plain(gate.get('name'))} is shut: {plain(gate.get('reason'))}"
        for call in documents(target, "calls"):
            yield f"  would {plain(call.get('operation'))}: {plain(call.get('what'))} ({plain(call.get('step'))})"
        for file in documents(target, "files"):
            count = "binary" if file.get("binary") else f"+{file.get('+', 0)} -{file.get('-', 0)}"
            yield f"  {plain(file.get('path'))} ({count})"
        for step in documents(target, "noops"):
            yield f"  {plain(step.get('step'))} changes nothing"
        if target.get("more"):
            yield "  and more, which is not shown"
