"""Metrics as text, in the format that Prometheus reads.

https://prometheus.io/docs/instrumenting/exposition_formats/ says how it looks. Nothing is counted here: whoever keeps
numbers is asked for them when somebody reads.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]
Samples = Iterable[tuple[Labels, float]]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with all its label values."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: Samples = field(default=())
    parts: Iterable[tuple[str, Labels, float]] = field(default=())
    """Samples whose names go on behind that of the metric, such as `_sum`."""

    @classmethod
    def of(cls, name: str, kind: Literal["counter", "gauge"], help_: str, value: float) -> Family:
        """Return a metric without labels."""
        return cls(name, kind, help_, (({}, value),))

    @classmethod
    def histogram(
        cls, name: str, help_: str, bounds: Sequence[float], counts: Sequence[int], total: float
    ) -> Family:
        """Return a histogram without labels, as `histograms` does."""
        return cls.histograms(name, help_, bounds, [({}, counts, total)])

    @classmethod
    def histograms(
        cls,
        name: str,
        help_: str,
        bounds: Sequence[float],
        each: Iterable[tuple[Labels, Sequence[int], float]],
    ) -> Family:
        """Return a histogram for each of several labels, with `counts` and `total`. `counts`: how many fell between two bounds each, the last one beyond all; `total`: their sum."""
        parts: list[tuple[str, Labels, float]] = []
        for labels, counts, total in each:
            summed = list(itertools.accumulate(counts))
            parts += [
                ("_bucket", {**labels, "le": _number(bound)}, float(summed[place]))
                for place, bound in enumerate((*bounds, math.inf))
            ]
            parts += [("_sum", labels, total), ("_count", labels, float(summed[-1]))]
        return cls(name, "histogram", help_, parts=parts)


def text(families: Iterable[Family]) -> str:
    """Return the families as text."""
    lines: list[str] = []
    for family in families:
        lines.append(f"# HELP {family.name} {_escaped(family.help)}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines += [
            f"{family.name}{_labels(labels)} {_number(value)}" for labels, value in family.samples
        ]
        lines += [
            f"{family.name}{suffix}{_labels(labels)} {_number(value)}"
            for suffix, labels, value in family.parts
        ]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    pairs = (f'{name}="{_escaped(value, quote=True)}"' for name, value in labels.items())
    return "{" + ",".join(pairs) + "}"


def _escaped(value: str, *, quote: bool = False) -> str:
    value = value.replace("\\", "\\\\").replace("\n", "\\n")
    return value.replace('"', '\\"') if quote else value


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value == int(value) else repr(float(value))
