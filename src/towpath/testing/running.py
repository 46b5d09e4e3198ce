"""Runs one step on a work directory of its own, as the engine would, without an engine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.promotion.step import Errored, Failed, StepContext, Waiting
from towpath.promotion.step_registry import InvalidConfig, Registered
from towpath.promotion.work_directory import WorkDirectory
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.promotion.step import Outcome, Step

STARTED: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
"""When the steps begin, unless it is said otherwise."""


class _NoDoor:
    """The ways to the outside, for a step that needs none: whoever asks is told."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the step reaches for {name}")


def context(
    root: Path, *, aside: Aside | None = None, effects: Any = None, **more: Any
) -> StepContext:
    """Return what a step is told, for a work directory at `root`; `more`: fields of it that are to be otherwise."""
    given: dict[str, Any] = {
        "project": "shop",
        "stage": "test",
        "promotion": "test.01jzzzzzzzzzzzzzzzzzzzzzzz.abcdef0",
        "alias": "step-1",
        "actor": "admin",
        "started": STARTED,
        "directory": WorkDirectory(root),
        "effects": effects or _NoDoor(),
        "aside": aside or Aside(),
    }
    return StepContext(**(given | more))


async def run(step: Step[Any], root: Path, config: Mapping[str, Any], **more: Any) -> Outcome:
    """Return what a step answers; a configuration that is refused, and an error of ours, as the engine would put it.

    `more` is for `context`.
    """
    context_ = context(root, **more)
    try:
        read = Registered(step).read(dict(config))
        return await step.run(context_, read)
    except InvalidConfig as error:
        return Failed(message=str(error))
    except errors.TowpathError as error:
        return Errored(message=str(error))
    finally:
        if "aside" not in more:
            await context_.aside.close()


def told(outcome: Outcome) -> str:
    """Return what an outcome says to people."""
    return outcome.waiting_for if isinstance(outcome, Waiting) else outcome.message


def put(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, with the folders they need."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode() if isinstance(text, str) else text)


def contents(root: Path) -> dict[str, str]:
    """Return all files below a folder, by path."""
    return {
        str(path.relative_to(root)): path.read_bytes().decode("utf-8", "replace")
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
