"""`towpath logs`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.options import INTERRUPTED, completing, needed, output, with_project, with_server
from towpath.errors import BadRequest, NotFound
from towpath.resources.document import documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.waiting import Deadline
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_PAUSE: Final = 1.0
_PATIENCE: Final = 60.0


class _NothingYet(NotFound):
    """The Stage is there, and no Promotion of it."""


@click.command("logs")
@click.argument(
    "what", metavar="PROMOTION|STAGE|ANALYSISRUN|hookrun/NAME", shell_complete=completing("stages")
)
@with_project
@click.option("--follow", "-f", is_flag=True, help="Go on until the Promotion has ended.")
@click.option("--metric", default="", help="Of an AnalysisRun: the metric whose Job is meant.")
@click.option("--container", default="", help="Of an AnalysisRun: the container of the Job.")
@output("text", "json", "yaml", default="text")
@with_server
def command(
    what: str,
    project: str | None,
    follow: bool,
    metric: str,
    container: str,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Show what the steps of a Promotion did and said, a line for each, the Git server's `remote:` lines among it.

    Of a STAGE: of the Promotion that is under way there, else of the last one. Of an AnalysisRun: what the Job of a metric
    printed, up to its end, which is waited for; it is written analysisrun/NAME where a Stage has the name, too. Of a HookRun: what the steps of a hook did and said.

    \b
    Examples:
      towpath logs prod --project sandbox-example
      towpath logs prod.01j0000000000000000000000.47b33c0 --project sandbox-example --follow
      towpath logs analysisrun/prod.01j0000000000000000000000.47b33c0 --project sandbox-example --metric smoke
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing
    from towpath.cli.kinds import kinds
    from towpath.cli.waiting import Deadline

    where = needed(project)
    if form != "text" and follow:
        raise BadRequest("logs: --follow prints lines; leave out --output")
    client = connect()
    word, slash, run = what.partition("/")
    run_of = kinds.named(word).name if slash else ""
    if run_of == "AnalysisRun":
        return _of_run(client, where, run, metric, container, form)
    if (metric or container) and not slash:
        return _of_run(client, where, what, metric, container, form)
    if metric or container:
        raise BadRequest("logs: --metric and --container are for AnalysisRuns")
    is_of_hook = run_of == "HookRun"
    if is_of_hook:
        kind, of, name, heading = "HookRun", "hookruns", run, ""
    else:
        kind, of = "Promotion", "promotions"
        try:
            name, heading = _meant(client, where, what)
        except NotFound:
            if slash or not _is_run(client, where, what):
                raise
            return _of_run(client, where, what, metric, container, form)
    if form != "text":
        printing.show_value(client.log(where, name, of), form)
        return 0
    if heading:
        terminal.say(heading)
    forever = Deadline(float("inf"))
    try:
        show(lambda: client.log(where, name, of), terminal.say, forever, follow=follow)
    except KeyboardInterrupt:
        if follow:
            terminal.say(
                f"towpath: interrupted: {kind} {name} goes on unless it has ended; come back to it with: "
                f"towpath logs {what if is_of_hook else name} -p {where} --follow",
                err=True,
            )
        return INTERRUPTED
    return 0


def _is_run(client: Client, project: str, name: str) -> bool:
    """Whether there is an AnalysisRun of a name."""
    from towpath.errors import Forbidden

    try:
        client.get("analysis-runs", project, name)
    except (NotFound, Forbidden):
        return False
    return True


def _of_run(client: Client, project: str, run: str, metric: str, container: str, form: str) -> int:
    """Print what a Job printed."""
    from towpath.cli import terminal

    if form != "text":
        raise BadRequest("logs analysisrun/NAME: what a Job printed is text; leave out --output")
    try:
        for piece in client.run_log(project, run, metric, container):
            for line in piece.removesuffix("\n").split("\n"):
                terminal.say(line)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _meant(client: Client, project: str, what: str) -> tuple[str, str]:
    """Return the name of a Promotion, and a line that says which it is where a Stage was named.

    Raises BadRequest for another kind, NotFound for what is neither, and for a Stage that has none.
    """
    from towpath.cli.kinds import kinds

    word, slash, name = what.partition("/")
    if slash:
        kind = kinds.named(word).name
        if kind not in ("Promotion", "Stage"):
            raise BadRequest(
                f"logs {what}: Promotions, HookRuns and AnalysisRuns with a Job have logs, and Stages those of their last Promotion"
            )
        if kind == "Promotion":
            return name, ""
        return _last(client, project, name)
    try:
        client.log(project, what)
    except NotFound as error:
        try:
            return _last(client, project, what)
        except NotFound as of_stage:
            if "." in what:  # as only the names of Promotions have it, by habit
                raise error from None
            if isinstance(of_stage, _NothingYet):
                raise
            said = f"{of_stage.message}; nor is there a Promotion or an AnalysisRun of that name"
            raise NotFound(said) from None
    return what, ""


def _last(client: Client, project: str, stage: str) -> tuple[str, str]:
    from towpath.cli.forms import printing
    from towpath.cli.kinds import contents, kinds

    found = client.get("stages", project, stage)
    name = kinds.at("status", "currentPromotion", "name")(found)
    name = name or kinds.at("status", "lastPromotion", "name")(found)
    if not name:  # it may just have been made
        made = client.objects("promotions", project, {"stage": stage})
        name = max(map(printing.name_of, made), default="")
    if not name:
        raise _NothingYet(
            f"nothing was promoted to Stage {stage} yet; why: towpath explain {stage} -p {project}"
        )
    promotion = client.get("promotions", project, name)
    references = contents.of_promotion(promotion)
    names = [str(each.get("name") or "") for each in references]
    known = contents.known(client, project, names)
    held = "; ".join(contents.shown(each, known) for each in references)
    return name, f"Promotion {name} of {held} to Stage {stage}"


def show(
    fetch: Callable[[], Document], say: Callable[[str], None], deadline: Deadline, *, follow: bool
) -> None:
    """Print the log that `fetch` returns; with `follow` what is new in it, again and again until it is done.

    A server that is away for less than a minute is waited for.
    """
    from towpath.errors import Timeout, Unavailable

    told: Counter[str] = Counter()
    heard, began = deadline.now(), False
    while True:
        try:
            answer = fetch()
        except (Unavailable, Timeout):
            if not (follow and began) or deadline.now() - heard > _PATIENCE:
                raise
        else:
            heard, began = deadline.now(), True
            seen: Counter[str] = Counter()
            for line in lines(answer):
                seen[line] += 1
                if seen[line] > told[line]:
                    say(line)
            told |= seen
            if not follow or answer.get("done"):
                return
        deadline.sleep(_PAUSE)


def lines(answer: Document) -> list[str]:
    """Return the lines of a log; a message of several lines is one, its further lines indented."""
    return [_line(each) for each in documents(answer, "lines")]


def _line(item: dict[str, Any]) -> str:
    from towpath.cli import terminal

    first, *further = terminal.visible_lines(str(item.get("message") or ""))
    head = [terminal.visible(str(item.get(key) or "")) for key in ("time", "step", "status")]
    shown = "  ".join(part for part in (*head, first) if part)
    return "\n".join([shown, *(f"    {more}" for more in further)])
