"""`towpath analysis`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.options import FILE, duration, output
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.analysis_run import AnalysisRunSpec
    from towpath.rules.analysis.rehearsal import AnalysisRehearsal, Occurrence

NOT_SUCCESSFUL: Final = 2
TIMED_OUT: Final = 3
_AT: Final = 10
"""Width of a moment that is printed before it is known how long others are."""


@click.group("analysis")
def command() -> None:
    """Try AnalysisTemplates out.

    \b
    Examples:
      towpath analysis try smoke.yaml --results results.yaml
      towpath get analysisruns -p sandbox-example
    """


@command.command("try")
@click.argument("template", type=FILE)
@click.option(
    "--arg",
    "args",
    metavar="NAME=VALUE",
    multiple=True,
    help="Value of an argument; may be given several times.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="YAML or JSON file with what measurements come to: names of metrics to lists of results.",
)
@click.option(
    "--terminate-at",
    metavar="SPAN",
    help="When the run is asked to stop, such as 90s.",
)
@click.option("--until", metavar="SPAN", help="When the clock is stopped; after 30m if not given.")
@click.option(
    "--allow",
    metavar="HOST:PORT",
    multiple=True,
    help="Address of this machine that may be asked; may be given several times.",
)
@output("text", "json", "yaml", default="text")
def try_(
    template: Path,
    args: tuple[str, ...],
    results: Path | None,
    terminate_at: str | None,
    until: str | None,
    allow: tuple[str, ...],
    form: str,
) -> int:
    """Run the first template of the file TEMPLATE once, and print what happened when, and the verdict.

    Needs no server. Measurements are taken for real, by the providers that are installed. With --results nobody is asked and
    time is virtual: an hour of measurements takes no time. An entry of a metric's list is {value: …} for the conditions to
    judge, {phase: Failed, message: …} or {error: …}; with takes: 40s the measurement is in flight that long. When a list is
    used up, its last entry repeats.

    Ends with 0 if the run is Successful, 2 if it is not, 3 if it had not ended.

    \b
    Examples:
      towpath analysis try smoke.yaml --arg host=shop.example
      towpath analysis try smoke.yaml --arg host=127.0.0.1:9000 --allow 127.0.0.1:9000 --until 2m
      towpath analysis try smoke.yaml --results results.yaml -o json
      towpath analysis try smoke.yaml --results results.yaml --terminate-at 90s --until 2h
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing
    from towpath.local import analysis_trial

    templates = analysis_trial.read_templates(template)
    for warning in templates.warnings:
        terminal.say(f"Warning: {warning}", err=True)
    spec = analysis_trial.spec_of(templates, _values(args))
    is_text = form == "text"
    if results is None:
        played = _measured(
            spec, allow, terminate_at=_span(terminate_at), until=_span(until), is_text=is_text
        )
    else:
        scripts = analysis_trial.read_results(results)
        played = analysis_trial.rehearse(
            spec, scripts, terminate_at=_span(terminate_at), until=_span(until)
        )
        for line in analysis_trial.lines(played) if is_text else ():
            terminal.say(line)
    if not is_text:
        printing.show_value(analysis_trial.document_of(played), form)
    return _code(played.status.phase)


def _measured(
    spec: AnalysisRunSpec,
    allow: Sequence[str],
    *,
    terminate_at: timedelta | None,
    until: timedelta | None,
    is_text: bool,
) -> AnalysisRehearsal:
    """Take real measurements; with `is_text` each thing is printed as it happens."""
    from towpath.cli import terminal
    from towpath.local import analysis_trial

    name = max(len(metric.name) for metric in spec.metrics) if spec.metrics else 0

    def tell(each: Occurrence) -> None:
        if is_text and each.metric:
            terminal.say(analysis_trial.line(each, at=_AT, name=name))

    played = analysis_trial.measure(spec, tell, allow=allow, terminate_at=terminate_at, until=until)
    if is_text:
        terminal.say()
        terminal.say(analysis_trial.verdict(played))
    return played


def _code(phase: str) -> int:
    from towpath.resources.analysis_run import AnalysisPhase

    found = AnalysisPhase(phase)
    if found is AnalysisPhase.SUCCESSFUL:
        return 0
    return NOT_SUCCESSFUL if found.is_terminal else TIMED_OUT


def _span(text: str | None) -> timedelta | None:
    return None if text is None else timedelta(seconds=duration(text))


def _values(args: Sequence[str]) -> dict[str, Any]:
    found = dict[str, Any]()
    for each in args:
        name, sign, value = each.partition("=")
        if not sign or not name:
            raise BadRequest(f"--arg {each}: write NAME=VALUE")
        found[name] = value
    return found
