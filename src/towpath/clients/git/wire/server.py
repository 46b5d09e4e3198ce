"""The server of one mirror as it is spoken to without git, and what is known of it."""

from __future__ import annotations

import asyncio
import collections
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import git_errors
from towpath.masking import mask

if TYPE_CHECKING:
    from towpath.clients.git.mirrors.mirror import Mirror

UPLOAD: Final = "git-upload-pack"
RECEIVE: Final = "git-receive-pack"
_UNWELL, _TOO_MANY = 500, 429
_MOST_HEADS: Final = 1024


class RemoteServer:
    """One server as one credential sees it. What is known of it is a guess that each use proves or refutes."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self.speaks_version_2: bool | None = None
        """Whether it lists and sends refs as we read it; None: nobody asked yet."""
        self.can_receive: bool | None = None
        """Whether it is pushed to as we do it."""
        self.is_well = True
        """Whether its last answer was not that it has difficulties, which pass."""
        self._secrets: tuple[str, ...] = ()
        """What it was told in confidence."""
        self._heads: collections.OrderedDict[str, str] = collections.OrderedDict()

    def __str__(self) -> str:
        return str(self._mirror)

    @property
    def is_reached(self) -> bool:
        """Whether there is a way to it without git."""
        git = self._mirror.git
        return git.gateway is not None and self._mirror.transport.scheme in ("http", "https")

    def head(self, ref: str) -> str | None:
        """Return where a ref was when it was last fetched or pushed, as far as that is kept."""
        return self._heads.get(ref)

    @property
    def heads(self) -> frozenset[str]:
        """Commits that were at some ref."""
        return frozenset(self._heads.values())

    @property
    def latest(self) -> str | None:
        """The commit that was noted last."""
        return next(reversed(self._heads.values()), None)

    def has(self, ref: str, commit: str) -> None:
        """Note that a ref is at a commit, which the mirror has with all that leads to it."""
        self._heads[ref] = commit
        self._heads.move_to_end(ref)
        while len(self._heads) > _MOST_HEADS:
            self._heads.popitem(last=False)

    def forget(self, ref: str) -> None:
        """Note that nobody knows where a ref is."""
        self._heads.pop(ref, None)

    def forget_all(self) -> None:
        """Note that nobody knows what the mirror has of what it had."""
        self._heads.clear()

    async def ask(self, service: str, body: bytes | None = None, *, most: int) -> bytes | None:
        """Return the answer of a service, or what it can; None for any answer but success.

        Raises Forbidden, TooLarge, Timeout, and Unreachable: then nobody knows whether it was done.
        """
        mirror = self._mirror
        gateway, seconds = mirror.git.gateway, mirror.git.network_seconds
        assert gateway is not None  # noqa: S101 - `is_reached` was asked
        try:
            async with (
                asyncio.timeout(seconds),
                gateway.passage(
                    mirror.transport, mirror.credential, insecure=mirror.options.insecure
                ) as passage,
            ):
                await passage.check()
                try:
                    status, answer = await passage.ask(service, body, most=most)
                finally:
                    self._secrets = passage.secrets
        except TimeoutError as error:
            raise errors.Timeout(
                f"{mirror}: the server did not answer within {seconds:g} s"
            ) from error
        except (git_errors.Unreachable, errors.Forbidden, errors.TooLarge) as error:
            # A server may repeat in its answer what it was sent, and be quoted.
            raise type(error)(self.masked(error.message)) from error
        self.is_well = status < _UNWELL and status != _TOO_MANY
        return answer if status == 200 else None

    def masked(self, text: str) -> str:
        """Return a text of the server without what it was told in confidence."""
        return mask(text, self._secrets)
