"""`yaml-merge` in a work directory: missing files, what is said, and what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import steps
from towpath.promotion.steps.yaml_merge import YamlMerge

if TYPE_CHECKING:
    from pathlib import Path


async def test_missing_files_and_a_second_run(tmp_path: Path) -> None:
    """They are an error unless they may be missing; a second run writes nothing and says so."""
    steps.put(tmp_path, {"a.yaml": "x: 1\n"})
    config = {"inFiles": ["a.yaml", "no.yaml"], "outFile": "sub/out.yaml"}
    outcome = await steps.run(YamlMerge(), tmp_path, config)
    assert steps.said(outcome) == ("Errored", False)
    assert "no.yaml: there is no such file" in steps.told(outcome)
    assert steps.contents(tmp_path) == {"a.yaml": "x: 1\n"}
    config["ignoreMissingFiles"] = True  # type: ignore[assignment]  # one field is no list
    first = await steps.run(YamlMerge(), tmp_path, config)
    assert steps.told(first) == "sub/out.yaml is a.yaml merged"
    assert first.output == {"commitMessage": "Wrote a.yaml to sub/out.yaml"}
    written = (tmp_path / "sub/out.yaml").stat()
    again = await steps.run(YamlMerge(), tmp_path, config)
    assert steps.told(again) == "sub/out.yaml was already a.yaml merged"
    assert again.output == first.output
    assert (tmp_path / "sub/out.yaml").stat().st_mtime_ns == written.st_mtime_ns


async def test_nothing_at_all(tmp_path: Path) -> None:
    """No file there: an empty one is written, and there is nothing to say for a commit."""
    config = {"inFiles": ["a", "b"], "outFile": "out", "ignoreMissingFiles": True}
    outcome = await steps.run(YamlMerge(), tmp_path, config)
    assert (outcome.output, steps.told(outcome)) == (None, "out is no file merged")
    assert steps.contents(tmp_path) == {"out": ""}


async def test_a_file_may_be_merged_into_itself(tmp_path: Path) -> None:
    """The result takes the place of the first."""
    steps.put(tmp_path, {"a": "x: 1 # c\n", "b": "x: 2\n"})
    outcome = await steps.run(YamlMerge(), tmp_path, {"inFiles": ["a", "b"], "outFile": "a"})
    assert steps.said(outcome)[0] == "Succeeded"
    assert steps.contents(tmp_path) == {"a": "x: 2 # c\n", "b": "x: 2\n"}
