"""Metrics as text: read back by the rules of the format, whatever stands in labels."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from towpath.telemetry.exposition import Family, text

_LINE = re.compile(
    r'([a-z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)'
)
_LABEL = re.compile(r'([a-z]+)="((?:[^"\\\n]|\\["\\n])*)"')


def _read(line: str) -> tuple[str, dict[str, str], float]:
    found = _LINE.fullmatch(line)
    assert found, line
    unescaped = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
    labels = {
        name: re.sub(r"\\.", lambda each: unescaped[each[0]], value)
        for name, value in _LABEL.findall(found[2] or "")
    }
    return found[1], labels, float(found[3])


@given(
    st.dictionaries(st.sampled_from(["kind", "project"]), st.text(), max_size=2),
    st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False)),
)
def test_every_label_and_number_can_be_read_back(labels: dict[str, str], value: float) -> None:
    """Quotes, backslashes and line ends included."""
    family = Family("towpath_x", "gauge", "What\nit \\ is.", [(labels, value)])
    lines = text([family]).split("\n")
    assert lines[0] == "# HELP towpath_x What\\nit \\\\ is."
    assert lines[1] == "# TYPE towpath_x gauge"
    assert lines[3:] == [""]
    assert _read(lines[2]) == ("towpath_x", labels, float(value))


def test_a_histogram_adds_up() -> None:
    """As https://prometheus.io/docs/instrumenting/exposition_formats/ has it: each bucket counts all below its bound."""
    family = Family.histogram("towpath_x_seconds", "How late.", (0.1, 1.0), [3, 2, 1], 4.5)
    assert text([family]).split("\n")[1:] == [
        "# TYPE towpath_x_seconds histogram",
        'towpath_x_seconds_bucket{le="0.1"} 3',
        'towpath_x_seconds_bucket{le="1"} 5',
        'towpath_x_seconds_bucket{le="+Inf"} 6',
        "towpath_x_seconds_sum 4.5",
        "towpath_x_seconds_count 6",
        "",
    ]
