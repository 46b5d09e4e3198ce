"""Differences between two servers' answers, and the list of those that are accepted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

ACCEPTED = Path(__file__).resolve().parent / "accepted.yaml"
_LONGEST = 300


class Absent:
    """What stands for a part that only the other answer has."""

    def __repr__(self) -> str:
        return "(nothing)"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of one answer that the servers differ in."""

    where: str
    """`transcript/step`."""
    part: str
    """Dotted path into the answer; items of lists by their number."""
    real: Any
    ours: Any

    def __str__(self) -> str:
        return f"{self.where}\n    {self.part}\n      real: {_shown(self.real)}\n      ours: {_shown(self.ours)}"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Differences that are known and meant. `where` and `parts` are patterns with `*`."""

    where: str
    parts: tuple[str, ...]
    reason: str
    ours: dict[str, Any] = field(default_factory=dict)
    """By part: what our answer has there; another value is not accepted."""

    def covers(self, difference: Difference) -> bool:
        """Whether it is about this difference."""
        part = difference.part
        if not fnmatchcase(difference.where, self.where):
            return False
        if part in self.ours:
            return bool(difference.ours == self.ours[part])
        return any(fnmatchcase(part, pattern) for pattern in self.parts)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison came to."""

    steps: int
    unexpected: tuple[Difference, ...]
    accepted: tuple[tuple[Acceptance, int], ...]
    """With how many differences each covered."""

    @property
    def stale(self) -> tuple[Acceptance, ...]:
        """What is accepted and does not occur any more."""
        return tuple(acceptance for acceptance, count in self.accepted if not count)

    @property
    def is_good(self) -> bool:
        """Whether there is nothing to do."""
        return not self.unexpected and not self.stale

    def text(self) -> str:
        """Return the report."""
        covered = sum(count for _, count in self.accepted)
        summary = (
            f"{self.steps} answers compared: {len(self.unexpected)} differences not accepted, "
            f"{covered} accepted for {len(self.accepted)} reasons, {len(self.stale)} of them stale"
        )
        lines = [summary]
        lines += [
            f"accepted, {count:4d}: {each.where} {', '.join(each.parts)}: {each.reason}"
            for each, count in self.accepted
            if count
        ]
        lines += [
            f"STALE, occurs no more: {each.where} {', '.join(each.parts)}: {each.reason}"
            for each in self.stale
        ]
        lines += [f"DIFFERENT: {difference}" for difference in self.unexpected]
        return "\n".join(lines)


def accepted(path: Path = ACCEPTED) -> list[Acceptance]:
    """Return the list of accepted differences: one for each pattern of a `where`, as each has to occur."""
    return [
        Acceptance(where, tuple(_list(told["part"])), told["reason"], told.get("ours", {}))
        for told in yaml.safe_load(path.read_text("utf-8")) or []
        for where in _list(told.get("where", "*"))
    ]


def _list(told: str | list[str]) -> list[str]:
    return [told] if isinstance(told, str) else told


def differences(
    transcript: str, real: dict[str, dict[str, Any]], ours: dict[str, dict[str, Any]]
) -> list[Difference]:
    """Return what differs between the normalised answers to one transcript."""
    return [
        Difference(f"{transcript}/{step}", part, left, right)
        for step in real
        for part, left, right in _parts("", real[step], ours.get(step, ABSENT))
    ]


def judged(steps: int, found: list[Difference], acceptances: list[Acceptance]) -> Verdict:
    """Return the verdict. A difference counts for the first acceptance that covers it."""
    counts = [0] * len(acceptances)
    unexpected = []
    for difference in found:
        for number, acceptance in enumerate(acceptances):
            if acceptance.covers(difference):
                counts[number] += 1
                break
        else:
            unexpected.append(difference)
    return Verdict(steps, tuple(unexpected), tuple(zip(acceptances, counts, strict=True)))


def _parts(path: str, left: Any, right: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(left, dict) and isinstance(right, dict):
        keys = [*left, *(key for key in right if key not in left)]
        return [
            part
            for key in keys
            for part in _parts(
                f"{path}.{key}".lstrip("."), left.get(key, ABSENT), right.get(key, ABSENT)
            )
        ]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [
            part
            for number, pair in enumerate(zip(left, right, strict=True))
            for part in _parts(f"{path}.{number}", *pair)
        ]
    return [] if left == right and type(left) is type(right) else [(path, left, right)]


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, Absent) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
