"""The pages that tell of the operator's settings and of the controllers' workers say what the code has."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from towpath.app.settings import operator

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTROLLERS: Any = importlib.import_module("towpath.app.parts.controllers")
"""The module; the package gives its function the same name."""
DOCS = Path(__file__).resolve().parents[3] / "docs"


def _settings(kind: Any, path: str) -> Iterator[str]:
    """Yield each setting below a type, as pages spell it: `git.pool.trees`, `commands.NAME.program`."""
    if isinstance(kind, msgspec.inspect.StructType):
        for field in kind.fields:
            yield from _settings(field.type, f"{path}.{field.encode_name}".lstrip("."))
    elif isinstance(kind, msgspec.inspect.DictType) and isinstance(
        kind.value_type, msgspec.inspect.StructType
    ):
        yield from _settings(kind.value_type, f"{path}.*")
    elif isinstance(kind, msgspec.inspect.UnionType):
        for each in kind.types:
            if not isinstance(each, msgspec.inspect.NoneType):
                yield from _settings(each, path)
    else:
        yield path


SETTINGS = sorted(set(_settings(msgspec.inspect.type_info(operator.OperatorSettings), "")))


def test_the_settings_are_found() -> None:
    """Of each depth and form."""
    assert {"polling.minimum", "git.pool.trees", "commands.*.program"} <= set(SETTINGS)
    assert {"argocd.connections.*.rest.caFile", "git.insteadOf"} <= set(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_has_a_row_of_its_own(setting: str) -> None:
    """On the page of the configuration, or of Argo CD; NAME and HOST stand for names that the operator gives."""
    page, wanted = "configuration", setting
    if setting.startswith("argocd.connections.*."):
        page, wanted = "argocd", setting.removeprefix("argocd.connections.*.")
    text = (DOCS / f"reference/{page}.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    told = {re.sub(r"\.[A-Z]+", ".*", key) for row in rows for key in re.findall("`([^`]+)`", row)}
    assert wanted in told or f"{wanted}.*" in told


@pytest.mark.parametrize(
    ("row", "numbers"),
    [
        ("Promotions", (CONTROLLERS._PROMOTION_WORKERS, CONTROLLERS._PROMOTIONS_OF_ONE)),
        ("Stages", (CONTROLLERS._STAGE_WORKERS, CONTROLLERS._STAGES_OF_ONE)),
        ("Warehouses", (CONTROLLERS._LOOKS, CONTROLLERS._LOOKS_OF_ONE)),
        ("channels of messages", (CONTROLLERS._CHANNEL_WORKERS, CONTROLLERS._CHANNELS_OF_ONE)),
        ("HookRuns", (CONTROLLERS._HOOK_WORKERS, CONTROLLERS._HOOKS_OF_ONE)),
    ],
)
def test_the_page_of_reconciling_tells_how_many_workers_there_are(
    row: str, numbers: tuple[int, int]
) -> None:
    """And how many of them one Project may have."""
    text = (DOCS / "explanation/reconciling.md").read_text("utf-8")
    found = re.search(rf"^\| {row} \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    assert found is not None
    assert (int(found[1]), int(found[2])) == numbers
