"""Edits of large YAML files, beside libyaml's bare parse of the same text, which makes no object of any event."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from benchmarks.report import Report
from towpath.documents.yaml import Update, update

if TYPE_CHECKING:
    from collections.abc import Callable

_BYTES = 2_000_000
_ROUNDS = 5


def _entries(lines: str, indent: str = "") -> tuple[list[str], int]:
    text: list[str] = []
    size = number = 0
    while size < _BYTES:
        entry = "".join(f"{indent}{line}\n" for line in lines.replace("#", str(number)).split("\n"))
        text.append(entry)
        size += len(entry)
        number += 1
    return text, number


def _texts() -> dict[str, tuple[str, Callable[[int], str], int]]:
    """Return texts of 2 MB by shape, each with the key of its n-th entry and the number of entries."""
    lines = "app#:\n  image: registry.example/app#\n  tag: v1.#\n  ports: [80, 443]"
    flat, number = _entries(lines)
    deep, inner = _entries(lines, "  ")
    items, count = _entries(
        "- name: app#\n  image: registry.example/app#\n  tag: v1.#\n  ports: [80, 443]"
    )
    flow, pairs = _entries('"app#": {"image": "registry.example/app#", "tag": "v1.#"},')
    return {
        "a mapping": ("".join(flat), lambda n: f"app{n}.tag", number),
        "a mapping under one key": ("apps:\n" + "".join(deep), lambda n: f"apps.app{n}.tag", inner),
        "a list": ("apps:\n" + "".join(items), lambda n: f"apps.{n}.tag", count),
        "one flow mapping, as in JSON": (
            "{" + "".join(flow).replace("\n", "") + "}",
            lambda n: f"app{n}.tag",
            pairs,
        ),
    }


def _best(run: Callable[[], Any]) -> float:
    """Return the milliseconds of CPU time of the quickest of some rounds: others on the machine count for less there."""
    times = []
    for _ in range(_ROUNDS):
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    return min(times) * 1000


def main() -> None:
    """Measure, and write the page."""
    report = Report(
        "yaml_edit",
        "Edits of large YAML files",
        f"`yaml-update`'s edit of dense texts of 2 MB, the proof included: CPU time, the best of {_ROUNDS} rounds (nothing is waited for, so a quiet core takes as long). Beside it libyaml's "
        "bare parse of the same bytes, which is what any reader costs at least. The budget is 150 ms for one and for twenty "
        "keys.",
    )
    rows = []
    for shape, (text, key, number) in _texts().items():
        data = text.encode()
        bare = _best(lambda data=data: yaml.CSafeLoader(data).raw_parse())  # type: ignore[misc]  # mypy does not infer defaults of lambdas
        one = [Update(key(number // 2), "v2")]
        twenty = [Update(key(n * number // 20), "v2") for n in range(20)]
        edit_one = _best(lambda data=data, one=one: update(data, one, source="f"))  # type: ignore[misc]  # mypy does not infer defaults of lambdas
        edit_twenty = _best(lambda data=data, all_=twenty: update(data, all_, source="f"))  # type: ignore[misc]  # mypy does not infer defaults of lambdas
        rows.append(
            [
                shape,
                f"{len(data) / 1e6:.1f} MB",
                f"{bare:.0f} ms",
                f"{edit_one:.0f} ms ({edit_one / bare:.1f} times)",
                f"{edit_twenty:.0f} ms ({edit_twenty / bare:.1f} times)",
            ]
        )
    report.table("Two megabytes", ["shape", "size", "bare parse", "one key", "twenty keys"], rows)
    report.text(
        "A file that is one flow collection is told apart by its tokens, where none is unusual. With a comment, an anchor or a "
        "tag within the brackets each event of it becomes a Python object, which takes about 2 s. Large files are edited in a "
        "process of their own, off the event loop."
    )
    with tempfile.TemporaryDirectory() as directory:
        report.write(Path(directory))
