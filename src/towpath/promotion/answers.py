"""What a step answered, checked: whoever wrote the step, an answer is one of ours and holds what it may. Pure.

What is no answer counts as an error that stays: it is never taken for a success, and no other part has to look again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import msgspec

from towpath.promotion import outputs
from towpath.promotion.step import (
    Errored,
    Failed,
    HealthCheck,
    Outcome,
    Skipped,
    StartOver,
    Succeeded,
    Waiting,
)

_KINDS: Final = (Succeeded, Skipped, Failed, Errored, Waiting, StartOver)
_NO_DETAILS: Final = "no details provided"
_NO_JSON: Final = (TypeError, ValueError, OverflowError, RecursionError)


def checked(answer: Any) -> Outcome:
    """Return what a step answered as an outcome whose parts can be relied on."""
    if not isinstance(answer, _KINDS):
        return _no_answer(f"{type(answer).__name__} is no answer of a step")
    found: Outcome = answer
    said: Any = found.waiting_for if isinstance(found, Waiting) else found.message
    output: Any = found.output
    if not isinstance(said, str):
        return _no_answer(f"its message is no text but {type(said).__name__}")
    if output is not None and not isinstance(output, dict):
        return _no_answer(f"its output is no object but {type(output).__name__}")
    if isinstance(found, Waiting):
        for seconds in (found.again_seconds, found.slackens_to):
            if not _is_time(seconds):
                return _no_answer(f"{seconds!r} is no number of seconds to wait")
        if not _are_keys(found.wake):
            return _no_answer(f"{found.wake!r} are no keys that wake it: give a list of texts")
    if isinstance(found, Failed | Errored | StartOver) and not said:
        found = replace(found, message=_NO_DETAILS)
    if isinstance(found, Succeeded) and found.health_check is not None:
        check: Any = found.health_check
        uses: Any = getattr(check, "uses", None)
        if not isinstance(check, HealthCheck) or not isinstance(uses, str) or not uses:
            return _no_answer("its health check does not say what to run")
        try:
            config = _as_json(check.config)
        except _NO_JSON as error:
            return _no_answer(f"the configuration of its health check is no JSON: {error}")
        found = replace(found, health_check=HealthCheck(uses=check.uses, config=config))
    return found if output is None else replace(found, output=_own(output))


def _no_answer(why: str) -> Errored:
    return Errored(message=f"the step gave no answer that can be used: {why}", final=True)


def _is_time(seconds: Any) -> bool:
    if seconds is None:
        return True
    return isinstance(seconds, int | float) and not isinstance(seconds, bool)


def _are_keys(wake: Any) -> bool:
    return isinstance(wake, list | tuple) and all(isinstance(each, str) for each in wake)


def _own(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output as it will be read back: later steps see the same before and after a restart.

    What is too large or no JSON is returned as it is: that is told where outputs are kept.
    """
    try:
        encoded = msgspec.json.encode(output)
        if len(encoded) > outputs.MOST_OUTPUT_BYTES:
            return output
        decoded: dict[str, Any] = msgspec.json.decode(encoded)
    except _NO_JSON:
        return output
    return decoded


def _as_json(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))
