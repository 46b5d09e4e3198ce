"""Steps that set scalars leave on record what they did to which file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from towpath.promotion.step_registry import Registered
from towpath.promotion.steps.hcl_update import HclUpdate
from towpath.promotion.steps.json_update import JsonUpdate
from towpath.promotion.steps.toml_update import TomlUpdate
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


FILES = [
    (YamlUpdate(), b"a: 1\nb: 2 # c\n", b"a: true\nb: x # c\n"),
    (JsonUpdate(), b'{"a": 1, "b": 2}\n', b'{"a": true, "b": "x"}\n'),
    (TomlUpdate(), b"a = 1\nb = 2 # c\n", b"a = true\nb = 'x' # c\n"),
    (HclUpdate(), b"a = 1\nb = 2 # c\n", b'a = true\nb = "x" # c\n'),
]


@pytest.mark.parametrize(
    ("step", "before", "wanted"), FILES, ids=lambda each: getattr(each, "name", "")
)
async def test_what_was_done_to_a_file_is_known_until_it_is_written_otherwise(
    step: Any, before: bytes, wanted: bytes, tmp_path: Path
) -> None:
    """Two edits in their order give the file from what it was; one that changed nothing is none."""
    (tmp_path / "values.yaml").write_bytes(before)
    context: Any = _Context(tmp_path)
    said = []
    for key, value in [("a", True), ("b", "x"), ("b", "x")]:
        config: Any = Registered(step).read(
            {"path": "./sub/../values.yaml", "updates": [{"key": key, "value": value}]}
        )
        outcome: Any = await step.run(context, config)
        said.append(outcome.message)
    edits = context.directory.edits[tmp_path / "values.yaml"]
    after = before
    for edit in edits:
        after = edit.apply(after)
    assert after == (tmp_path / "values.yaml").read_bytes() == wanted
    assert len(edits) == 2
    assert said[2] == "./sub/../values.yaml is as it was: b had that value"
    await context.directory.write("values.yaml", b"c: 1\n")
    assert context.directory.edits == {}
