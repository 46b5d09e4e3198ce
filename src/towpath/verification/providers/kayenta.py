"""`kayenta`: a canary analysis of Spinnaker's Kayenta, which is begun, waited for, and judged by its score."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote, urlencode

import msgspec

from towpath import messages
from towpath.errors import BadRequest, Unavailable
from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.analysis_template import KayentaMetric
from towpath.verification import json_answer, request
from towpath.verification.provider import BaseProvider, InFlight, Judged
from towpath.verification.request import MeasuringRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext

EXECUTION: Final = "canaryExecutionId"
"""What a measurement in flight notes."""
_SECONDS: Final = 15.0
_REST_SECONDS: Final = 15.0
_LONGEST_ID: Final = 200
_MOST_NAMED: Final = 5
_SCOPES: Final = ("controlScope", "experimentScope")


class Kayenta(BaseProvider):
    """Has Kayenta compare a canary with what runs already."""

    name: ClassVar[str] = "kayenta"
    config: ClassVar[type[Struct]] = KayentaMetric

    async def measure(self, context: MeasureContext, config: KayentaMetric) -> Answer:
        """Look the configuration up, and begin an analysis."""
        thresholds = _thresholds(config)
        scopes = compared(context, config)
        # Argo Rollouts looks for configurations in the account for storage.
        asked = {
            "application": config.application,
            "configurationAccountName": config.storage_account_name
            or config.configuration_account_name,
        }
        listing = _asking(config, "canaryConfig", asked)
        answer = await listing.succeed(context, statuses=request.OK)
        found = await json_answer.read(
            context, answer, configuration, config.canary_config_name, what=listing.shown
        )
        beginning = _asking(
            config,
            f"canary/{quote(found, safe='')}",
            {
                "application": config.application,
                "metricsAccountName": config.metrics_account_name,
                "configurationAccountName": config.configuration_account_name,
                "storageAccountName": config.storage_account_name,
            },
            {"scopes": scopes, "thresholds": thresholds},
        )
        answer = await beginning.succeed(context, statuses=request.OK)
        begun = await json_answer.read(context, answer, execution, what=beginning.shown)
        return InFlight(resume_seconds=_REST_SECONDS, metadata={EXECUTION: begun})

    async def resume(
        self, context: MeasureContext, config: KayentaMetric, metadata: Mapping[str, str]
    ) -> Answer:
        """Look whether the analysis is over; its score, cut to a whole number, decides."""
        begun = metadata.get(EXECUTION)
        if not begun:
            return await self.measure(context, config)
        thresholds = _thresholds(config)
        looking = _asking(config, f"canary/{quote(begun, safe='')}", {})
        answer = await looking.succeed(context, statuses=request.OK)
        score = await json_answer.read(context, answer, scored, what=looking.shown)
        if score is None:
            return InFlight(resume_seconds=_REST_SECONDS, metadata={EXECUTION: begun})
        phase = AnalysisPhase.FAILED
        if score >= thresholds["pass"]:
            phase = AnalysisPhase.SUCCESSFUL
        elif score >= thresholds["marginal"]:
            phase = AnalysisPhase.INCONCLUSIVE
        return Judged(phase=phase, shown=str(score), metadata={EXECUTION: begun})

    async def terminate(
        self, context: MeasureContext, config: KayentaMetric, metadata: Mapping[str, str]
    ) -> Answer:
        """Wait no longer: Kayenta has no way to end an analysis, which comes to its end unseen."""
        del context, config
        return Judged(phase=AnalysisPhase.INCONCLUSIVE, metadata=dict(metadata))


def _asking(
    config: KayentaMetric, path: str, asked: Mapping[str, str], body: Any = None
) -> MeasuringRequest:
    url = request.joined(config.address, path, field="kayenta.address")
    if asked:
        url = f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"
    if body is None:
        return MeasuringRequest(url=url, seconds=_SECONDS)
    return MeasuringRequest(
        url=url,
        method="POST",
        headers=[("Content-Type", "application/json")],
        body=msgspec.json.encode(body),
        seconds=_SECONDS,
    )


# --- what is asked -------------------------------------------------------------------------------------


def compared(context: MeasureContext, config: KayentaMetric) -> dict[str, Any]:
    """Return the scopes by name as Kayenta has them, with their times. Raises BadRequest for what is incomplete."""
    if not config.scopes:
        raise BadRequest("kayenta.scopes: write one, with name, controlScope and experimentScope")
    found: dict[str, Any] = {}
    for place, given in enumerate(config.scopes):
        field = f"kayenta.scopes[{place}]"
        name = given.get("name")
        if not isinstance(name, str) or not name:
            raise BadRequest(f"{field}.name: write the name that the configuration has")
        if name in found:
            raise BadRequest(
                f"{field}.name: {messages.cut(messages.plain(name), 100)!r} stands twice"
            )
        found[name] = {
            each: _scope(context, config, given.get(each), f"{field}.{each}") for each in _SCOPES
        }
    return found


def _scope(
    context: MeasureContext, config: KayentaMetric, given: Any, field: str
) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadRequest(f"{field}: write scope, region and step")
    for key in ("scope", "region"):
        if not isinstance(given.get(key), str) or not given[key]:
            raise BadRequest(f"{field}.{key}: write a text")
    start, end = (given.get(key) or "" for key in ("start", "end"))
    if not isinstance(start, str) or not isinstance(end, str):
        raise BadRequest(f"{field}: start and end are moments, such as 2026-01-02T15:04:05Z")
    return {
        "scope": given["scope"],
        "location": given["region"],
        "step": _whole(given.get("step"), f"{field}.step"),
        "start": start or _start(context, config),
        "end": end or moments.whole_seconds(context.now),
    }


def _start(context: MeasureContext, config: KayentaMetric) -> str:
    """Return since when is compared: since the run began, or for one interval of the metric."""
    if config.lookback or not context.interval_seconds:
        return moments.whole_seconds(context.run_started)
    return moments.whole_seconds(
        moments.later(context.now, -timedelta(seconds=context.interval_seconds))
    )


def _thresholds(config: KayentaMetric) -> dict[str, int]:
    given = config.threshold
    if given is None:
        raise BadRequest("kayenta.threshold: write pass and marginal, scores from 0 to 100")
    return {
        "pass": _whole(given.pass_, "kayenta.threshold.pass"),
        "marginal": _whole(given.marginal, "kayenta.threshold.marginal"),
    }


def _whole(value: Any, field: str) -> int:
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise BadRequest(f"{field}: write a whole number")
    return int(text)


# --- what is answered ----------------------------------------------------------------------------------


def configuration(body: bytes, name: str) -> str:
    """Return the id of the configuration of a name. Raises Unavailable for an answer that has none."""
    found = json_answer.value(body)
    if not isinstance(found, list):
        raise _no_kayenta("it is no list of configurations")
    named = {
        each["name"]: each.get("id")
        for each in found
        if isinstance(each, dict) and isinstance(each.get("name"), str)
    }
    if name not in named:
        there = messages.first([messages.plain(each)[:60] for each in named], _MOST_NAMED) or "none"
        raise Unavailable(
            f"there is no configuration {messages.cut(messages.plain(name), 100)!r} (kayenta.canaryConfigName); there is {there}"
        )
    return _id(named[name], "a configuration has no id")


def execution(body: bytes) -> str:
    """Return the id of an analysis that was begun. Raises Unavailable for an answer that has none."""
    found = json_answer.value(body)
    return _id(found.get(EXECUTION) if isinstance(found, dict) else None, f"it has no {EXECUTION}")


def scored(body: bytes) -> int | None:
    """Return the score of an analysis, cut to a whole number; None while it goes on. Raises Unavailable without one."""
    found = json_answer.value(body)
    if not isinstance(found, dict) or not isinstance(found.get("complete"), bool):
        raise _no_kayenta("it does not say whether the analysis is complete")
    if not found["complete"]:
        return None
    score: Any = found
    for key in ("result", "judgeResult", "score", "score"):
        score = score.get(key) if isinstance(score, dict) else None
    if not isinstance(score, float):
        status = found.get("status")
        told = f", its status is {messages.plain(status)[:60]}" if isinstance(status, str) else ""
        raise Unavailable(f"the analysis is over without a score{told}")
    return int(score)


def _id(found: Any, wrong: str) -> str:
    if not isinstance(found, str) or not found.isprintable() or not 0 < len(found) <= _LONGEST_ID:
        raise _no_kayenta(wrong)
    return found


def _no_kayenta(wrong: str) -> Unavailable:
    return Unavailable(f"the answer is JSON, but not of Kayenta: {wrong}")
