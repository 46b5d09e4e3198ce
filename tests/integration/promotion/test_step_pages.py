"""The pages of the steps: every example is a configuration that the step takes, and does what the page says.

A block under "`FILE` before:" is a file, one under "`FILE` after:" what becomes of it, one under "Output:" what the steps
put out; the steps between them are run. One under "`FILE` is a program:" is what the step `command` may run by its name.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tests.support import rendering, steps
from tests.support.step_pages import FOLDER, blocks
from towpath.clients.confinement.allowed_program import AllowedProgram
from towpath.promotion.programs import Programs
from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.work_directory import WorkDirectory

REGISTRY = StepRegistry.installed()
RENDERING = SimpleNamespace(rendering=rendering.door(rendering.both()))
"""What steps of the pages reach: nothing but the programs that render."""
_PROGRAM = re.compile(r"`[^`]*/(?P<name>[^`/]+)` is a program:$")
_FILE = re.compile(r"`(?P<path>[^`]+)` (?P<when>before|after):$")


def examples(page: str) -> list[dict[str, Any]]:
    """Return the steps of all blocks of a page."""
    found: list[dict[str, Any]] = []
    for _, language, text in blocks(page):
        if language == "yaml" and re.search(r"^- uses:", text, re.MULTILINE):
            found += yaml.safe_load(text)
    return found


PAGES = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")
RUN = [page for page in PAGES if any(_FILE.search(line) for line, _, _ in blocks(page))]


def test_every_step_has_its_page_and_is_in_the_list() -> None:
    """Under its name."""
    assert {f"{name}.md" for name in REGISTRY.names} == set(PAGES)
    listed = re.findall(
        r"^\| \[`([a-z-]+)`\]\(([a-z-]+\.md)\)",
        (FOLDER / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert sorted(listed) == sorted((name, f"{name}.md") for name in REGISTRY.names)


@pytest.mark.parametrize("page", PAGES)
def test_every_example_is_taken(page: str) -> None:
    """By the step that it names; the page's own is among them."""
    said = [
        problem
        for each in examples(page)
        if (found := REGISTRY.find(each["uses"])) is not None
        for problem in found.problems(each.get("config"))
    ]
    assert said == []
    assert page.removesuffix(".md") in {each["uses"] for each in examples(page)}


@pytest.mark.parametrize("page", RUN)
async def test_examples_do_what_the_page_says(page: str, tmp_path: Path) -> None:
    """To the byte."""
    output: Any = None
    compared = 0
    root, programs = tmp_path / "work", dict[str, AllowedProgram]()
    root.mkdir()
    for line, language, text in blocks(page):
        file = _FILE.search(line)
        if program := _PROGRAM.match(line):
            path = tmp_path / program["name"]
            path.write_text(text.replace("/usr/bin/env python3", sys.executable))
            path.chmod(0o755)
            programs[program["name"]] = AllowedProgram(
                program=path, read=(Path(sys.prefix), Path(sys.base_prefix))
            )
        elif file is not None and file["when"] == "before":
            steps.put(root, {file["path"]: text})
        elif file is not None:
            assert steps.contents(root)[file["path"]] == text
            compared += 1
        elif line == "Output:":
            assert output == yaml.safe_load(text)
            compared += 1
        elif language == "yaml" and text.startswith("- uses:"):
            for each in yaml.safe_load(text):
                found = REGISTRY.find(each["uses"])
                assert found is not None
                directory = WorkDirectory(root, programs=Programs(allowed=programs))
                outcome = await steps.run(
                    found.step, root, each["config"], effects=RENDERING, directory=directory
                )
                assert steps.said(outcome)[0] == "Succeeded", steps.told(outcome)
                output = outcome.output
    assert compared
