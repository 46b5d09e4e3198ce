"""`towpath explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.options import needed, output, with_project, with_server
from towpath.errors import BadRequest
from towpath.resources.document import documents, items, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_EXPLAINED: Final = ("Stage", "Warehouse", "Freight", "Promotion", "AnalysisRun")
_NO_FREIGHT: Final[Mapping[str, Document]] = {}


@click.command("explain")
@click.argument("what", metavar="STAGE|KIND/NAME")
@click.argument("names", nargs=-1, metavar="")
@with_project
@click.option("--freight", metavar="NAME|ALIAS", help="The Freight; the newest if not given.")
@click.option(
    "--with",
    "trial",
    metavar="FILE",
    help="With a Warehouse: what it would find by this manifest. Nothing is stored.",
)
@output("text", "json", "yaml", default="text")
@with_server
def command(
    what: str,
    names: tuple[str, ...],
    project: str | None,
    freight: str | None,
    trial: str | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Say why Freight can or cannot go to a Stage, why a Warehouse finds what it finds, what is attached to the images of Freight, what a Promotion waits for, why a channel delivers nothing, or how far a run is.

    Kinds are warehouse, freight, promotion, channel and analysisrun, as KIND/NAME or KIND NAME; a name alone is a Stage's.

    Every gate between the Freight and the Stage is listed: those that are shut first, each with the reason, since when,
    when it opens by itself, who or what else can open it, and the command that does.

    \b
    Examples:
      towpath explain prod --project sandbox-example
      towpath explain prod --project sandbox-example --freight fearless-fox -o json
      towpath explain warehouse main --project sandbox-example --with edited.yaml
      towpath explain freight/fearless-fox --project sandbox-example
      towpath explain channel/slack --project sandbox-example
      towpath explain promotion/prod.01j0000000000000000000000.47b33c0 --project sandbox-example
      towpath explain analysisrun/prod.01j0000000000000000000000.47b33c0 --project sandbox-example
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing
    from towpath.cli.kinds import contents, kinds
    from towpath.cli.why import analysis_run, attached_lines, channels, warehouse_lines

    is_stage = not names and "/" not in what
    word, names = ("stage", (what,)) if is_stage else kinds.split(what, names)
    kind = kinds.named(word).name
    if len(names) != 1 or kind not in (*_EXPLAINED, *channels.WORDS):
        raise BadRequest(
            f"explain {what}: it must be a Stage's name, stage/NAME, warehouse/NAME, freight/NAME, promotion/NAME, channel/NAME or "
            "analysisrun/NAME"
        )
    if trial is not None and kind != "Warehouse":
        raise BadRequest("explain: --with goes with a Warehouse")
    if kind in channels.WORDS:
        if freight:
            raise BadRequest("explain: --freight goes with a Stage")
        told = channels.explained(connect(), kind, needed(project), names[0])
        if form != "text":
            printing.show_value(told, form)
            return
        for line in channels.lines(kind, told):
            terminal.say(line)
        return
    name = names[0]
    if kind != "Stage" and freight:
        raise BadRequest("explain: --freight goes with a Stage")
    where = needed(project)
    client = connect()
    match kind:
        case "Promotion":
            answer = client.explain_promotion(where, name)
        case "AnalysisRun":
            answer = client.explain_analysis_run(where, name)
        case "Freight":
            answer = client.attached(where, name)
        case "Warehouse":
            answer = warehouse_lines.explained(client, where, name, trial)
        case _:
            answer = client.explain_stage(where, name, freight or "")
    if form != "text":
        printing.show_value(answer, form)
        return
    match kind:
        case "Promotion":
            lines = promotion_lines(answer)
        case "AnalysisRun":
            lines = analysis_run.lines(answer)
        case "Freight":
            lines = attached_lines.lines(answer)
        case "Warehouse":
            lines = warehouse_lines.lines(answer)
        case _:
            lines = stage_lines(answer, contents.known(client, where, _freight_names(answer)))
    for line in lines:
        terminal.say(line)


def _freight_names(answer: Document) -> list[str]:
    """Return the names of the Freight that an explanation of a Stage tells of."""
    told = [answer, *documents(answer, "explanations"), *documents(answer, "queue")]
    return [name for part in told if isinstance(name := part.get("freight"), str)]


def stage_lines(answer: Document, freight: Mapping[str, Document] = _NO_FREIGHT) -> list[str]:
    """Return an explanation of a Stage as lines. `freight`: by name, as far as it is known."""
    parts = [answer] if "gates" in answer else documents(answer, "explanations")
    lines = [f"Stage {answer.get('stage')}"]
    for part in parts:
        lines += _freight_lines(part, freight)
    if not parts:
        lines.append("There is no Freight that it could take.")
    verification = answer.get("verification")
    told_below = verification.get("message") if isinstance(verification, dict) else None
    if answer.get("waitingFor") and answer["waitingFor"] != told_below:
        lines += ["", f"The Stage waits for: {answer['waitingFor']}"]
    lines += _health_lines(answer.get("health"))
    lines += _verification_lines(answer)
    lines += _argocd_lines(answer.get("argocd"))
    lines += _hook_lines(answer.get("hooks"))
    if waiting := items(answer, "queue"):
        lines += ["", "Promotions that wait or run, in their order:"]
        lines += [f"  {_queued(item, freight)}" for item in waiting]
    return lines


def _health_lines(told: Any) -> list[str]:
    """Return how well the Stage is, with its Applications; nothing where that is not known."""
    if not isinstance(told, dict):
        return []
    lines = ["", f"Health: {told.get('status')}, since {told.get('since')}"]
    lines += [f"  {issue}" for issue in texts(told, "issues")]
    for each in documents(told, "applications"):
        named = f"{each.get('namespace')}/{each.get('name')}"
        shown = ("Application " + named, each.get("health"), each.get("sync"), each.get("link"))
        lines.append("  " + "  ".join(str(part) for part in shown if part))
    drifted = told.get("drifted")
    if isinstance(drifted, dict):
        lines += [f"Drifted, since {drifted.get('since')}:", f"  {drifted.get('message')}"]
    return lines


def _verification_lines(answer: Document) -> list[str]:
    """Return how what is in the Stage was verified, and which Freight passed it without a verdict."""
    from towpath.cli.why import analysis_run

    told, lines = answer.get("verification"), list[str]()
    if isinstance(told, dict):
        state = told.get("phase") or told.get("reason") or "Unknown"
        said = f": {told['message']}" if told.get("message") else ""
        run = f" (AnalysisRun {told['analysisRun']})" if told.get("analysisRun") else ""
        lines += ["", f"Verification: {state}{run}{said}"]
        if isinstance(told.get("run"), dict):
            lines += [f"  {line}" for line in analysis_run.metric_lines(told["run"], said)]
    owed = documents(answer, "debt")
    if owed:
        lines += ["", "Freight that was here without a verdict:"]
        lines += [
            f"  {each.get('freight')}  {each.get('reason')}: {each.get('message')}" for each in owed
        ]
    return lines


def _hook_lines(told: Any) -> list[str]:
    """Return the runs of hooks that wait, run or have failed; nothing where all is well."""
    lines = []
    for each in documents(told):
        head = f"  {each.get('hook')} for {each.get('event')}: {each.get('phase')}"
        what = f"{head}, which blocks" if each.get("blocking") else head
        lines.append(f"{what}  hookrun/{each.get('run')}")
        if each.get("message"):
            lines.append(f"    {each['message']}")
    return ["", "Hooks that have not succeeded:", *lines] if lines else []


def _argocd_lines(told: Any) -> list[str]:
    """Return what is in the way of the Stage's connection to Argo CD; nothing while it is watched."""
    if not isinstance(told, dict) or not told.get("error"):
        return []
    named = (
        f"Argo CD connection {told['connection']}: {told.get('state')}"
        if told.get("connection")
        else "Argo CD"
    )
    return ["", f"{named}: {told['error']}"]


def _freight_lines(part: Document, freight: Mapping[str, Document]) -> list[str]:
    from towpath.cli.why import gates

    named = _freight(part, freight)
    heading = f"Freight {named}" if named else "No Freight"
    if part.get("origin"):
        heading += f" from {_plain(part['origin'])}"
    found = documents(part, "gates")
    soon = gates.soonest(part)
    when = (
        [f"It could be there at {soon} at the earliest, if all before it goes well."]
        if soon
        else []
    )
    verdicts = texts(part, "verdicts")
    return ["", heading, *verdicts, *when, *gates.lines(found)]


def _queued(item: Any, freight: Mapping[str, Document]) -> str:
    if not isinstance(item, dict):
        return str(item)
    name = item.get("promotion") or item.get("name") or ""
    told = (name, item.get("phase"), _freight(item, freight))
    return "  ".join(str(part) for part in told if part)


def _freight(part: Document, freight: Mapping[str, Document]) -> str:
    """Return the Freight that a part of an explanation names, as people call it."""
    from towpath.cli.kinds import contents

    return contents.shown({"name": part.get("freight"), "alias": part.get("alias")}, freight)


def _plain(origin: Any) -> str:
    if isinstance(origin, dict):
        return f"{origin.get('kind')}/{origin.get('name')}"
    return str(origin)


def promotion_lines(answer: Document) -> list[str]:
    """Return an explanation of a Promotion as lines."""
    lines = [f"Promotion {answer.get('promotion')}: {answer.get('phase') or 'Pending'}"]
    if answer.get("step"):
        lines.append(f"Step: {_step(answer['step'])}")
    retry = answer.get("retry")
    if isinstance(retry, dict):
        note = f": {retry['note']}" if retry.get("note") else ""
        lines.append(f"Retries Promotion {retry.get('of')} from step {retry.get('fromStep')}{note}")
    if answer.get("waitingFor"):
        until = f" (until {answer['until']})" if answer.get("until") else ""
        lines.append(f"Waits for: {answer['waitingFor']}{until}")
        if keys := texts(answer, "wokenBy"):
            lines.append(f"Woken by: {', '.join(keys)}")
    elif answer.get("message"):
        lines.append(str(answer["message"]))
    return lines


def _step(step: Any) -> str:
    if isinstance(step, dict):
        return "  ".join(str(step[key]) for key in ("alias", "uses", "status") if step.get(key))
    return str(step)
