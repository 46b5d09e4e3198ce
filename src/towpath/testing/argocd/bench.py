"""Answers the questions of the bench, each by the rule or the step that decides it in Promotions and Stages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, Invalid, TowpathError
from towpath.promotion.steps import argocd_update
from towpath.resources.structs import view
from towpath.rules.argocd import authorization, selectors, sources, status_summary
from towpath.rules.argocd.application import read
from towpath.rules.argocd.desired_revisions import desired, wanted
from towpath.rules.argocd.health import health
from towpath.rules.argocd.overlay import overlaid
from towpath.rules.argocd.phases import together
from towpath.rules.argocd.update_verdict import Start, Synced, SyncFailed, SyncWait, verdict
from towpath.testing.argocd import running

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from towpath.rules.argocd.desired_revisions import SourceUpdate

_LONGEST: Final = 8 << 20
"""Characters of a line."""


class Bench:
    """Answers questions one after the other; it keeps nothing between them."""

    def __init__(self, *, explains: bool = False) -> None:
        """`explains`: whether answers have a `why` besides, in words."""
        self._explains = explains
        self._rules: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "argocd_authorized": _authorized,
            "argocd_selector": _selector,
            "argocd_phases": _phases,
            "argocd_merge": lambda given: {"result": overlaid(given["src"], given["dst"])},
            "argocd_desired_revisions": _desired_revisions,
            "argocd_must_update": _must_update,
            "argocd_revision_match": _revision_match,
        }
        self._steps: dict[str, Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]] = {
            "argocd_update": running.update,
            "argocd_wait": running.wait,
            "argocd_health": running.check,
        }

    @property
    def questions(self) -> list[str]:
        """What can be asked."""
        return sorted((*self._rules, *self._steps))

    async def answer(self, line: str) -> str:
        """Return the answer to a line: a line. It never raises."""
        try:
            return json.dumps({"value": await self._value(line)})
        except TowpathError as error:
            return json.dumps({"error": error.message})
        except RecursionError:
            return json.dumps({"error": "the question is nested too deeply to be read"})
        except Exception as error:  # noqa: BLE001 - whatever is asked, the next question is answered too
            return json.dumps({"error": f"{type(error).__name__}: {error}"})

    async def _value(self, line: str) -> Any:
        if len(line) > _LONGEST:
            raise BadRequest(f"the line is longer than {_LONGEST} characters; ask in smaller parts")
        try:
            question = json.loads(line)
        except ValueError as error:
            raise BadRequest(f"this is no line of JSON: {error}") from error
        if not isinstance(question, dict) or not isinstance(question.get("in"), dict):
            raise BadRequest('a question is an object, {"op": …, "in": {…}}')
        op, given = question.get("op"), question["in"]
        if isinstance(op, str) and op in self._rules:
            return self._rules[op](given)
        if isinstance(op, str) and op in self._steps:
            value = await self._steps[op](given)
            return value if self._explains else {key: value[key] for key in value if key != "why"}
        raise BadRequest(f"op: nobody can answer {op!r}; ask one of {', '.join(self.questions)}")


def _authorized(given: Mapping[str, Any]) -> dict[str, bool]:
    found = authorization.is_authorized(given.get("annotation"), given["project"], given["stage"])
    return {"authorized": found}


def _selector(given: Mapping[str, Any]) -> dict[str, list[bool]]:
    selectors.check(given["selector"])
    return {"matches": [selectors.matches(given["selector"], each) for each in given["labels"]]}


def _phases(given: Mapping[str, Any]) -> dict[str, str]:
    return {"status": together(given["phases"]).value}


def _updates(given: Mapping[str, Any]) -> tuple[SourceUpdate, ...]:
    app = view(argocd_update.ArgoCDAppUpdate, given["update"])
    return tuple(argocd_update.source_update(each) for each in app.sources or ())


def _desired_revisions(given: Mapping[str, Any]) -> dict[str, Any]:
    application, updates = read(given["application"]), _updates(given)
    found: dict[str, Any] = {"desired": desired(updates, application)}
    try:
        after = sources.updated(application, wanted(updates, application))
    except Invalid:
        return {**found, "sourcesError": True}
    return {**found, "sources": [status_summary.source(each) for each in after]}


def _must_update(given: Mapping[str, Any]) -> dict[str, Any]:
    application = read(given["application"])
    found = verdict(application, desired(_updates(given), application), given["promotion"])
    match found:
        case Start():
            return {"mustUpdate": True, "phase": ""}
        case SyncWait(phase=phase) | SyncFailed(phase=phase):
            return {"mustUpdate": False, "phase": phase}
        case Synced():
            return {"mustUpdate": False, "phase": "Succeeded"}


def _revision_match(given: Mapping[str, Any]) -> dict[str, Any]:
    found = health(read(given["application"]), given["desired"])
    return {"state": str(found.state), "issue": bool(found.issues)}
