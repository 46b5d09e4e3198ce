"""Helm within Python (`pip install 'towpath[helm]'`), in a process of its own, confined, that can be ended at any moment."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from towpath import errors
from towpath.clients import confinement as confining
from towpath.clients.helm import rendering
from towpath.clients.helm.program import refusal
from towpath.documents.manifests.streams import RenderedManifest

if TYPE_CHECKING:
    from towpath.clients.confinement import Confinement
    from towpath.clients.helm.rendering import ChartRendering

LIBRARY: Final = "helm_python"
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from towpath.clients.helm.in_process import main; sys.exit(main(sys.argv[1:]))"
)
"""What the child does first: it takes our own code from where this process has it."""
_OURS: Final = Path(__file__).parents[3]
_SHIM: Final = """#!/bin/sh
exec {child} "$@"
"""


@dataclass(frozen=True, slots=True)
class EmbeddedHelm:
    """The library `helm-python-sdk`."""

    library: Path

    @classmethod
    def installed(cls) -> EmbeddedHelm | None:
        """Return it, None if it is not installed. It is not loaded here: what it starts cannot be ended."""
        found = importlib.util.find_spec(LIBRARY)
        return None if found is None or found.origin is None else cls(Path(found.origin).parent)

    @property
    def reads(self) -> tuple[Path, ...]:
        """Where the library and our own code lie, and Python."""
        python = (os.path.realpath(sys.executable), sys.prefix, sys.base_prefix)
        return (self.library, _OURS, *map(Path, python))

    @property
    def _child(self) -> list[str]:
        return [sys.executable, "-I", "-c", _START, str(_OURS)]

    def command(self, scratch: Path) -> Path:
        """Return a program that answers what Kustomize asks `helm`."""
        shim = scratch / "helm-within-python"
        shim.write_text(_SHIM.format(child=shlex.join(self._child)))
        shim.chmod(0o700)
        return shim

    async def render(
        self, wanted: ChartRendering, *, confinement: Confinement, scratch: Path
    ) -> list[RenderedManifest]:
        """Return what a chart renders to; see `Helm`."""
        files = await asyncio.to_thread(rendering.written, wanted, scratch)
        job = msgspec.to_builtins(replace(wanted, values=()), enc_hook=os.fspath)
        job["values"] = [os.fspath(each) for each in files]
        done = await confining.run(
            self._child,
            confinement,
            environment=rendering.environment(scratch, "/usr/bin:/bin"),
            directory=scratch,
            name="helm",
            stdin=json.dumps(job).encode(),
        )
        if done.code:
            raise refusal(wanted.shown, done.stderr)
        try:
            found = msgspec.json.decode(done.stdout, type=list[tuple[str, str]])
        except msgspec.DecodeError as error:
            raise errors.Unavailable(
                "Helm within Python gave an answer that cannot be read"
            ) from error
        return [RenderedManifest(source, text) for source, text in found]
