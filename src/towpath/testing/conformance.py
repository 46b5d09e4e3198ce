"""Checks that a step keeps the contract of steps: what it declares, and what it does with examples of its author."""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import TYPE_CHECKING, Any, Final

from towpath.promotion import step_settings
from towpath.promotion.step import Errored, Skipped, Succeeded
from towpath.promotion.step_settings import StepSettings
from towpath.promotion.work_directory import WorkDirectory
from towpath.runtime.aside import Aside
from towpath.testing import declared
from towpath.testing.running import STARTED, contents, put, run, told
from towpath.testing.written import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from towpath.promotion.step import Outcome, Step
    from towpath.testing.examples import Example

ENDS_SECONDS: Final = 5.0
"""Within which a step ends that is cancelled."""
_CANCELLED_AFTER: Final = (0, 1, 3, 10, 40)
"""Turns of the event loop."""


class Conformance:
    """The checks for one step. Each returns what is wrong, in words for the step's author; nothing if all is well."""

    def __init__(
        self,
        step: type[Step[Any]],
        examples: Sequence[Example],
        folder: Path,
        *,
        page: Path | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """`folder`: an empty one for work directories, such as `tmp_path`; `page`: the step's page, where it has one.

        `settings`: what an operator says for the step. Raises BadRequest where that is not as its class has it.
        """
        self._step = step()
        if settings is not None:
            self._step = step_settings.made(step, self._step.name, StepSettings(own=settings))
        self._examples = examples
        self._folder = folder.resolve()
        self._page = page

    async def problems(self, *, is_installed: bool = True) -> list[str]:
        """Return what all checks find. `is_installed`: whether the step is to be found by its entry point."""
        found = self.declaration()
        if found:
            return found
        found += self.entry_point() if is_installed else []
        return [*found, *self.documentation(), *self.configurations(), *await self.behaviour()]

    def declaration(self) -> list[str]:
        """Look at the class: its name, types, flags and numbers."""
        return list(declared.declaration(self._step))

    def entry_point(self) -> list[str]:
        """Look for the step among what is installed."""
        return list(declared.entry_point(self._step))

    def documentation(self) -> list[str]:
        """Look for fields without description, and without a word on the page."""
        return list(declared.documentation(self._step, self._page))

    def configurations(self) -> list[str]:
        """Look whether the examples are taken, and what lacks a field or has an unknown one is refused by its name."""
        return list(declared.configurations(self._step, [each.config for each in self._examples]))

    async def behaviour(self) -> list[str]:
        """Run the examples: once, twice, and cut off."""
        found = []
        self._aside = Aside()
        try:
            for number, example in enumerate(self._examples):
                for check in (self._runs, self._ends):
                    found += [f"example {number}: {each}" for each in await check(example)]
        finally:
            await self._aside.close()
        return found

    async def _runs(self, example: Example) -> list[str]:
        """Run it once, and again where that is harmless."""
        root = self._laid_out(example)
        beside = _names(root.parent)
        with written() as paths:
            first = await self._run(example, root)
        found = [
            f"it wrote {path}, which is not in the work directory"
            for path in sorted(paths)
            if not path.startswith(f"{root.parent}/")
        ]
        found += [
            f"it left {name} beside the work directory"
            for name in sorted(_names(root.parent) - beside)
        ]
        found += self._judged(example, first)
        if found or not self._step.convergent or not isinstance(first, Succeeded | Skipped):
            return found
        before = contents(root)
        second = await self._run(example, root, former=first.output or {})
        found += self._judged(example, second)
        found += [
            f"it says it is convergent, but run again it changed {path}"
            for path in _changed(before, contents(root))
        ]
        return found

    async def _ends(self, example: Example) -> list[str]:
        """Cut it off, early and later, and run it again."""
        whole = self._laid_out(example)
        await self._run(example, whole)
        for turns in _CANCELLED_AFTER:
            root = self._laid_out(example)
            task = asyncio.ensure_future(self._run(example, root))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait((task,), timeout=ENDS_SECONDS)
            if not task.done():
                return [f"cancelled, it did not end within {ENDS_SECONDS:g} s"]
            if not task.cancelled():
                task.exception()
            if self._step.convergent:
                await self._run(example, root)
                if changed := _changed(contents(whole), contents(root)):
                    return [
                        f"cut off and run again, it made something else of {path} than uninterrupted"
                        for path in changed
                    ]
        return []

    def _judged(self, example: Example, outcome: Outcome) -> list[str]:
        found = []
        if not isinstance(outcome, example.outcome):
            found.append(f"it came to {type(outcome).__name__}: {told(outcome)}")
        if any(secret in told(outcome) for secret in example.secrets):
            found.append("its message holds a secret")
        return found

    async def _run(self, example: Example, root: Path, **more: Any) -> Outcome:
        directory = WorkDirectory(root, programs=example.programs)
        given = {
            "directory": directory,
            "effects": example.effects,
            "aside": self._aside,
            **example.context,
            **more,
        }
        try:
            return await run(self._step, root, example.config, **given)
        except Exception as error:  # noqa: BLE001 - whatever it is, the step's author is to be told
            return Errored(message=f"{type(error).__name__}: {error}")

    def _laid_out(self, example: Example) -> Path:
        root = self._folder / secrets.token_hex(8) / "files"
        root.mkdir(parents=True)
        put(root, example.files)
        for path in (root, *root.rglob("*")):
            os.utime(path, (STARTED.timestamp(), STARTED.timestamp()))
        return root


def _names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def _changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )
