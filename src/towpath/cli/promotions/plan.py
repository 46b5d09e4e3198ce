"""`towpath plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from towpath.cli.options import needed, output, with_project, with_server
from towpath.errors import BadRequest, NotFound
from towpath.resources.document import documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.resources.document import Document
    from towpath.sdk.client import Client


@click.command("plan")
@with_project
@click.option("--stage", metavar="NAME", help="The Stage to promote to.")
@click.option(
    "--freight",
    metavar="NAME|ALIAS",
    help="The Freight; what the Stage would take now if not given.",
)
@click.option("--plan-id", metavar="ID", help="Show this plan again, and whether it still holds.")
@click.option("--allow-reads", is_flag=True, help="Send HTTP requests that change nothing.")
@click.option("--diff", is_flag=True, help="Show the lines that change, too.")
@output("text", "json", "yaml", default="text")
@with_server
def command(
    project: str | None,
    stage: str | None,
    freight: str | None,
    plan_id: str | None,
    allow_reads: bool,
    diff: bool,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Say what a promotion would do, without doing anything.

    The Stage's steps are run against copies: files change in a folder that is thrown away, and what would be pushed or
    sent is listed in order. What depends on an answer that nobody has yet is shown as "known after" the step.

    \b
    Examples:
      towpath plan -p sandbox-example --stage prod
      towpath plan -p sandbox-example --stage prod --freight fearless-fox --diff
      towpath plan -p sandbox-example --plan-id 0123456789abcdef --diff
      towpath promote -p sandbox-example --plan-id 0123456789abcdef
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing
    from towpath.cli.kinds import kinds

    where = needed(project)
    if plan_id:
        if stage or freight or allow_reads:
            raise BadRequest("plan: --plan-id shows a plan that was made; give no Stage with it")
        client = connect()
        plan = client.planned(where, plan_id)
    else:
        stage, named = kinds.bare(stage, "Stage"), kinds.bare(freight, "Freight") or ""
        if not stage:
            raise BadRequest("plan: give --stage, or --plan-id for a plan that was made")
        client = connect()
        plan = made(client, where, stage, named, allow_reads=allow_reads)
    if form != "text":
        printing.show_value(plan, form)
        return
    for line in lines(plan, client, where, diff=diff):
        terminal.say(line)


def made(
    client: Client, project: str, stage: str, freight: str, *, allow_reads: bool = False
) -> Document:
    """Return a new plan for Freight by name, else by alias."""
    try:
        return client.plan(project, stage, freight=freight, allow_reads=allow_reads)
    except NotFound:
        if not freight:
            raise
        return client.plan(project, stage, alias=freight, allow_reads=allow_reads)


def lines(plan: Document, client: Client, project: str, *, diff: bool = False) -> Iterator[str]:
    """Yield a plan as lines."""
    from towpath.cli.kinds import contents
    from towpath.cli.why import gates

    name = str(plan.get("freight") or "")
    freight = contents.shown({"name": name}, contents.known(client, project, [name]))
    yield f"Plan {plan.get('id')}: Freight {freight} to Stage {plan.get('stage')}"
    for said in plan.get("outdated") or ():
        yield f"OUTDATED: {said}"
    yield from gates.in_the_way(documents(plan, "gates"))
    for base in documents(plan, "bases"):
        commit = str(base.get("commit"))[:12]
        yield f"Built on {base.get('repository')} {base.get('ref') or 'default branch'} at {commit}"
    for variant in documents(plan, "variants"):
        yield ""
        yield from _variant(variant, plan, client, project, diff=diff)
    if plan.get("hasMoreVariants"):
        yield "There are more ways it could go than are shown."


def _variant(
    variant: dict[str, Any], plan: Document, client: Client, project: str, *, diff: bool
) -> Iterator[str]:
    for assumed in documents(variant, "assumes"):
        held = "holds" if assumed.get("holds") else "does not hold"
        yield f"If `{assumed.get('if')}` of step {assumed.get('step')} {held}:"
    for step in documents(variant, "steps"):
        mark = "" if step.get("changes") else ", changes nothing"
        said = step.get("unknown") or (
            f"waits for {step['waitsFor']}" if step.get("waitsFor") else step.get("message")
        )
        yield f"  {step.get('step')} ({step.get('uses')}): {step.get('result')}{mark}" + (
            f": {said}" if said else ""
        )
    for call in documents(variant, "calls"):
        yield f"  would {call.get('operation')}: {call.get('what')} ({call.get('step')})"
    for file in documents(variant, "files"):
        count = "binary" if file.get("isBinary") else f"+{file.get('added')} -{file.get('removed')}"
        yield f"  {file.get('path')} ({count})"
        if diff and not file.get("isBinary"):
            found = client.planned_file(project, str(plan.get("id")), str(file.get("id")))
            yield from (f"    {line}" for line in str(found.get("patch")).splitlines())
    for each in documents(variant, "objects"):
        yield f"  rendered {_object(each)} {each.get('change')} (+{each.get('added')} -{each.get('removed')})"
        if diff:
            found = client.planned_object(project, str(plan.get("id")), str(each.get("id")))
            yield from (f"    {line}" for line in str(found.get("patch")).splitlines())
    for note in variant.get("notes") or ():
        yield f"  note: {note}"
    yield f"  ends {variant.get('result')}" + (
        f": {variant['message']}" if variant.get("message") else ""
    )


def _object(found: dict[str, Any]) -> str:
    place = f"{found['namespace']}/" if found.get("namespace") else ""
    return f"{found.get('kind')} {place}{found.get('name')}"
