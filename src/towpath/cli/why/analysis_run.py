"""How far an AnalysisRun is, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.document import documents

if TYPE_CHECKING:
    from towpath.resources.document import Document


def lines(answer: Document) -> list[str]:
    """Return an explanation of a run as lines."""
    said = f": {answer['message']}" if answer.get("message") else ""
    found = [f"AnalysisRun {answer.get('analysisRun')}: {answer.get('phase')}{said}"]
    found += [f"  {line}" for line in metric_lines(answer, said)]
    if answer.get("waitingFor"):
        found.append(f"Waits for: {answer['waitingFor']}")
    return found


def metric_lines(answer: Document, told: str = "") -> list[str]:
    """Return a line for each metric of a run. `told`: what was said of the run already, and is not said again."""
    return [_metric(one, told) for one in documents(answer, "metrics")]


def _metric(one: dict[str, Any], already: str) -> str:
    wanted = one.get("wanted")
    of = f" of {wanted}" if wanted is not None else ""
    told = [f"{one.get('name')}: {one.get('phase')}", f"{one.get('taken')}{of} measured"]
    if one.get("errors"):
        told.append(f"{one['errors']} of them errors")
    if one.get("inFlight"):
        told.append("one is being taken")
    elif one.get("nextAt"):
        told.append(f"the next at {one['nextAt']}")
    if one.get("dryRun"):
        told.append("a dry run")
    message = str(one.get("message") or "")
    said = f": {message}" if message and message not in already else ""
    return ", ".join(told) + said
