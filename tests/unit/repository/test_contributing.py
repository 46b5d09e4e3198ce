"""The pages of docs/contributing: their code works as it stands, and the files they name exist."""

from __future__ import annotations

import re
import sys
import textwrap
import tomllib
import types
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml
from click.testing import CliRunner

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.artifacts.subscription import Subscription
from towpath.errors import Invalid
from towpath.promotion.step import Failed, Succeeded
from towpath.resources.structs import view
from towpath.testing import Conformance, Example
from towpath.testing.providers import ProviderConformance
from towpath.verification.registry import ProviderRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted((ROOT / "docs/contributing").glob("*.md"))


def _blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs/contributing" / page).read_text("utf-8")
    return [
        textwrap.dedent(block)
        for block in re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    ]


@pytest.fixture
def module(request: pytest.FixtureRequest) -> Iterator[types.ModuleType]:
    """The module that a page has the reader make."""
    made = types.ModuleType(f"as_{request.param}_has_it".replace("-", "_").replace(".", "_"))
    sys.modules[made.__name__] = made
    exec(compile(_blocks(request.param, "python")[0], request.param, "exec"), made.__dict__)
    yield made
    del sys.modules[made.__name__]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_target_that_a_page_names_exists(page: Path) -> None:
    """But for those that it has the reader make, which are not there."""
    text = page.read_text("utf-8")
    named = set(
        re.findall(r"`((?:src|tests|docs|deploy|tools)/[\w./-]+|[A-Z]+\.md|pyproject\.toml)`", text)
    )
    made = set(re.findall(r"^Make `([\w./-]+)`", text, re.MULTILINE))
    assert len(made) == page.name.startswith("add-a-")
    stem = Path(next(iter(made), "")).stem
    missing = {name for name in named - made if not (ROOT / name).exists()}
    own = {f"tests/unit/{folder}/test_{stem}.py" for folder in ("resources", "artifacts")}
    own |= {f"tests/unit/promotion/steps/test_{stem}.py", f"docs/reference/steps/{stem}.md"}
    assert missing <= own
    assert not any((ROOT / name).exists() for name in made)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make ([\w-]+)`", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("module", ["add-a-step.md"], indirect=True)
async def test_the_step_runs(module: types.ModuleType) -> None:
    """With its configuration read as the engine reads it; its entry point is of a group that there is."""
    step = module.Note()
    context = cast("Any", SimpleNamespace(actor="email:jo@example.com"))
    said = await step.run(context, view(step.config, {"text": "checked by hand"}))
    assert said == Succeeded(output={"by": "email:jo@example.com"}, message="checked by hand")
    assert isinstance(await step.run(context, view(step.config, {"text": " "})), Failed)
    _is_entry_point("add-a-step.md", "towpath.steps", "note")


@pytest.mark.parametrize("module", ["add-a-step.md"], indirect=True)
async def test_the_step_keeps_the_contract(module: types.ModuleType, tmp_path: Path) -> None:
    """As the page has its author check it."""
    example = Example(config={"text": "checked by hand"})
    kit = Conformance(module.Note, [example], tmp_path)
    assert await kit.problems(is_installed=False) == []


@pytest.mark.parametrize("module", ["add-a-metric-provider.md"], indirect=True)
async def test_the_metric_provider_keeps_the_contract(module: types.ModuleType) -> None:
    """By the test that the page has its author write."""
    exec(_blocks("add-a-metric-provider.md", "python")[1], module.__dict__)
    kit = ProviderConformance(module.QueueLength, [module.EXAMPLE])
    assert await kit.problems(is_installed=False) == []
    _is_entry_point("add-a-metric-provider.md", "towpath.metric_providers", "queue-length")
    template = yaml.safe_load(_blocks("add-a-metric-provider.md", "yaml")[0])
    chosen = ProviderRegistry([module.QueueLength()]).choose(template["metrics"][0]["provider"])
    assert chosen.config == view(module.QueueLengthConfig, module.EXAMPLE.config)


@pytest.mark.parametrize("module", ["add-a-subscription-type.md"], indirect=True)
async def test_the_subscription_type_looks(module: types.ModuleType) -> None:
    """It answers a version, and refuses what it cannot read."""

    def asked(**config: str) -> Subscription:
        now = datetime(2026, 1, 31, tzinfo=UTC)
        return Subscription(
            project="shop",
            warehouse="main",
            name="days",
            config={"config": config},
            wanted=view(module.CounterType.config, config),
            now=now,
            is_manual=False,
        )

    kind = module.CounterType()
    found = await kind.discover(asked(since="2026-01-01T00:00:00Z"), cast("Any", None))
    assert [each.version for each in found.artifact_references] == ["30"]
    with pytest.raises(Invalid, match="since"):
        await kind.discover(asked(since="yesterday"), cast("Any", None))
    _is_entry_point("add-a-subscription-type.md", "towpath.subscriptions", "counter")


@pytest.mark.parametrize("module", ["add-a-route.md"], indirect=True)
async def test_the_route_answers(module: types.ModuleType, tmp_path: Path) -> None:
    """What it says there is."""
    [endpoint] = module.ENDPOINTS
    assert len(endpoint.rights) == 2
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.promote("dev", await world.freight("1.0.0"))
        path = {"project": PROJECT, "name": "dev"}
        answer = await endpoint.handler(
            cast("Any", SimpleNamespace(path_params=path)),
            cast("Any", SimpleNamespace(store=world.store)),
        )
    assert answer.body == b'{"promotions":1}'


@pytest.mark.parametrize("module", ["add-a-command.md"], indirect=True)
def test_the_command_prints(module: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its row is one of the table's."""
    from towpath.cli import main, options

    client = SimpleNamespace(
        objects=lambda kind, project: [{"metadata": {"name": f"{kind} of {project}"}}]
    )
    monkeypatch.setattr(options, "connect", lambda *_: client)
    done = CliRunner().invoke(module.command, ["--project", "shop"])
    assert done.output == "stages of shop\n"
    table = dict(main.COMMANDS)
    exec(_blocks("add-a-command.md", "python")[1], {"COMMANDS": table})
    assert table["stages"][0] == "objects.stages"


def _is_entry_point(page: str, group: str, name: str) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert group in declared["entry-points"]
    [line] = _blocks(page, "toml")
    where, _, attribute = tomllib.loads(line)[name].partition(":")
    text = (ROOT / "docs/contributing" / page).read_text("utf-8")
    assert f"src/{where.replace('.', '/')}.py" in text
    assert f"class {attribute}" in text
