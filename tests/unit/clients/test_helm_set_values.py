"""`--set` and `--set-literal`, compared with Helm's own reader."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import Any

import pytest

from towpath.clients.helm.set_values import SetValueError, merged, put

ORACLE = """
import json, sys
from helm_python import _native as native
for text in json.load(sys.stdin):
    row = []
    for name in ("helm_strvals_parse", "helm_strvals_parse_literal"):
        try:
            row.append(json.loads(native.call_string(name, text)))
        except Exception:
            row.append(None)
    print(json.dumps(row))
"""
PIECES = (
    "a",
    "b",
    ".",
    "[0]",
    "[1]",
    "=",
    "=x",
    ",",
    "{",
    "}",
    "\\",
    "null",
    "true",
    "0123",
    "-1",
    "1e3",
    "é",
    " ",
    "a=",
    ".b",
)


def _read(text: str, *, literal: bool) -> Any:
    values: dict[str, Any] = {}
    try:
        put(values, text, literal=literal)
    except SetValueError:
        return None
    return values


def test_texts_are_read_as_helm_reads_them() -> None:
    """Where Helm takes the beginning of a text that breaks off, ours is an error."""
    chance = random.Random(7)
    texts = ["".join(chance.choices(PIECES, k=chance.randint(0, 9))) for _ in range(4_000)]
    done = subprocess.run(
        [sys.executable, "-c", ORACLE],
        input=json.dumps(texts).encode(),
        capture_output=True,
        check=True,
        timeout=120,
    )
    wanted = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(wanted) == len(texts)
    agreed = 0
    for text, row in zip(texts, wanted, strict=True):
        for literal in (False, True):
            ours = _read(text, literal=literal)
            if ours is not None and not text.endswith((".b=", "a=", "=", ".", "\\")):
                assert ours == row[literal], (text, literal)
                agreed += 1
    assert agreed > 1_000


def test_what_is_there_stays() -> None:
    """Items of lists and keys of mappings that the text does not name."""
    values: dict[str, Any] = {"list": [1, {"a": 1, "b": 2}, 3], "map": {"x": 1, "y": 2}}
    put(values, "list[1].a=7,map.x=8,list[4]=9")
    assert values == {"list": [1, {"a": 7, "b": 2}, 3, None, 9], "map": {"x": 8, "y": 2}}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a", "no value"),
        ("a,b=1", "cannot end with ,"),
        ("a.=1", "no value"),
        ("a[x]=1", "no number"),
        ("a[-1]=1", "negative"),
        ("a[65537]=1", "greater than maximum"),
        ("a[99999999999999999999999]=1", "no number"),
        ("a={b", "must terminate"),
        ("a" + ".a" * 40 + "=1", "nested level"),
        ("a" + "[0]" * 40 + "=1", "nested level"),
        ("map[0]=1", "no list"),
        ("text.a=1", "no map"),
    ],
)
def test_what_helm_refuses_is_refused(text: str, why: str) -> None:
    """With the reason."""
    with pytest.raises(SetValueError, match=why):
        put({"map": {}, "text": "t"}, text)


def test_mappings_are_merged_and_nothing_else() -> None:
    """Neither of the two is changed."""
    base = {"a": {"x": 1, "y": [1]}, "b": 1}
    over = {"a": {"y": [2], "z": None}, "b": {"c": 1}}
    assert merged(base, over) == {"a": {"x": 1, "y": [2], "z": None}, "b": {"c": 1}}
    assert base == {"a": {"x": 1, "y": [1]}, "b": 1}
