"""The door to forges that changes nothing: what would be done is recorded, and pull requests are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from towpath.promotion.effects.forge import ForgeDoor
from towpath.promotion.effects.unanswered import Unanswered

if TYPE_CHECKING:
    from towpath.clients.forges.opening import Forges
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.effects.forge import (
        ForgeRepository,
        SeenPullRequest,
        WantedPullRequest,
    )


class RecordedForge(ForgeDoor):
    """Pull requests for one step of a plan."""

    def __init__(self, recorder: Recorder, step: str, forges: Forges, reading: ForgeDoor) -> None:
        """`reading`: the door that acts, of which only what reads is used."""
        self._recorder = recorder
        self._step = step
        self._forges = forges
        self._reading = reading

    async def open(self, repository: ForgeRepository, wanted: WantedPullRequest) -> NoReturn:
        """Record that there would be one; the branch may be one that the plan itself would push."""
        self._forges.place(repository.url, repository.provider)
        what = f"a pull request from {wanted.source} to {wanted.target} of {repository.url}"
        self._recorder.call(self._step, "forge", "open", self._recorder.told(what))
        raise Unanswered("no pull request is opened while it is planned")

    async def look(self, repository: ForgeRepository, number: int) -> SeenPullRequest:
        """Look."""
        return await self._reading.look(repository, number)

    async def merge(
        self, repository: ForgeRepository, number: int, method: str = ""
    ) -> SeenPullRequest:
        """Record that it would be merged, if it is not."""
        there = await self._reading.look(repository, number)
        if there.is_merged:
            return there
        by = f", by {method}" if method else ""
        what = f"pull request {number} of {repository.url}{by}"
        self._recorder.call(self._step, "forge", "merge", what)
        raise Unanswered("nothing is merged while it is planned")
