"""A stand-in Argo CD that runs in a thread, in real time: for tests whose Towpath is another process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tests.support.argocd_contract import Judge
from towpath.clock import SystemClock
from towpath.demo.argocd.installation import ArgoInstallation
from towpath.demo.argocd.installation_settings import InstallationSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

    from towpath.demo.argocd.keys import Document

T = TypeVar("T")


@dataclass
class ThreadedArgoCD:
    """What a test acts on, from its own thread."""

    installation: ArgoInstallation
    loop: asyncio.AbstractEventLoop
    judge: Judge

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the installation's own loop, and return what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def do(self, act: Callable[[ArgoInstallation], T]) -> T:
        """Call something on the installation's own loop."""

        async def acted() -> T:
            return act(self.installation)

        return self.run(acted())

    def put(self, document: Document) -> None:
        """Make an object, or bring it to a new spec."""
        self.do(lambda argocd: argocd.put(document))

    def application(self, name: str, namespace: str = "") -> Document:
        """Return an Application."""
        return self.do(lambda argocd: argocd.application(name, namespace))

    def go_away(self) -> None:
        """Stop listening, and break off what is open; Argo CD itself goes on."""
        self.run(self.installation.kubernetes.close())
        self.run(self.installation.rest.close())

    def come_back(self) -> None:
        """Listen again where it did."""
        self.run(self.installation.kubernetes.open())
        self.run(self.installation.rest.open())


@contextlib.contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[ThreadedArgoCD]:
    """Run a stand-in while the context lasts; every exchange must be as Argo CD describes it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True, name="argocd")
    thread.start()
    given: dict[str, Any] = {"programs": os.environ["PATH"], "rollout_seconds": 0.2, "job_seconds": 0.2, **settings}  # fmt: skip
    wanted = InstallationSettings(folder=folder, keeps_objects=False, **given)

    async def made() -> ArgoInstallation:
        installation = ArgoInstallation(wanted, SystemClock())
        await installation.start()
        return installation

    found = ThreadedArgoCD(asyncio.run_coroutine_threadsafe(made(), loop).result(60), loop, Judge())
    found.do(lambda argocd: argocd.around.observers.append(found.judge))
    try:
        yield found
    finally:
        found.run(found.installation.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
    assert not found.judge.problems
