"""Steps that set scalars leave on record what they did to which file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.promotion.step_registry import Registered
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.promotion.work_directory import WorkDirectory
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from pathlib import Path


class _Context:
    project = "shop"

    def __init__(self, root: Path) -> None:
        self.directory = WorkDirectory(root)
        self.aside = Aside()


async def test_what_was_done_to_a_file_is_known_until_it_is_written_otherwise(
    tmp_path: Path,
) -> None:
    """Two edits in their order give the file from what it was; one that changed nothing is none."""
    before = b"a: 1\nb: 2 # c\n"
    (tmp_path / "values.yaml").write_bytes(before)
    context: Any = _Context(tmp_path)
    said = []
    for key, value in [("a", 5), ("b", "x"), ("b", "x")]:
        config: Any = Registered(YamlUpdate()).read(
            {"path": "./sub/../values.yaml", "updates": [{"key": key, "value": value}]}
        )
        outcome: Any = await YamlUpdate().run(context, config)
        said.append(outcome.message)
    edits = context.directory.edits[tmp_path / "values.yaml"]
    after = before
    for edit in edits:
        after = edit.apply(after)
    assert after == (tmp_path / "values.yaml").read_bytes() == b"a: 5\nb: x # c\n"
    assert len(edits) == 2
    assert said[2] == "./sub/../values.yaml is as it was: b had that value"
    await context.directory.write("values.yaml", b"c: 1\n")
    assert context.directory.edits == {}
