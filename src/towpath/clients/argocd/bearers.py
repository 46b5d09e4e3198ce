"""What goes into `Authorization`: a token as it is, one from a file, or one that a program gives.

The last two end and are asked for anew: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients import process
from towpath.disk import reading
from towpath.messages import foreign
from towpath.resources import moments

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from towpath.clients.argocd.server_access import Bearer, ExecPlugin
    from towpath.clock import Clock

_FILE_SECONDS: Final = 60.0
"""For which a token from a file is used before the file is read again, as client-go has it."""
_PLUGIN_SECONDS: Final = 20.0
_MARGIN_SECONDS: Final = 30.0
"""Before its end a token is asked for anew."""
_LARGEST: Final = 256 << 10


@dataclass(frozen=True, slots=True)
class ShownCredential:
    """What is shown to the server. `repr` shows none of it."""

    token: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)


class Bearers:
    """Has what stands for the caller, and renews it."""

    def __init__(self, bearer: Bearer, clock: Clock, *, source: str, programs: str) -> None:
        """`source`: where it comes from. `programs`: folders in which plugins are looked for, as in `PATH`."""
        self._bearer = bearer
        self._clock = clock
        self._source = source
        self._programs = programs
        self._shown = ShownCredential(bearer.token)
        self._until = float("inf") if bearer.token or not self.is_renewed else float("-inf")
        self._turn = asyncio.Lock()

    @property
    def is_renewed(self) -> bool:
        """Whether another look may bring another token."""
        return self._bearer.token_file is not None or self._bearer.plugin is not None

    async def shown(self) -> ShownCredential:
        """Return what is shown now. Raises Unauthenticated where there is none to be had, Timeout for a program that hangs."""
        if self._clock.monotonic() < self._until:
            return self._shown
        async with self._turn:  # the others wait for the one who asks
            if self._clock.monotonic() >= self._until:
                await self._renew()
        return self._shown

    def forget(self) -> None:
        """Have what was refused asked for anew."""
        if self.is_renewed:
            self._until = float("-inf")

    async def _renew(self) -> None:
        if self._bearer.token_file is not None:
            token = await asyncio.to_thread(_from_file, self._bearer.token_file, self._source)
            self._shown, seconds = ShownCredential(token), _FILE_SECONDS
        elif self._bearer.plugin is not None:
            self._shown, ends = await _from_plugin(
                self._bearer.plugin, self._source, self._programs
            )
            left = (ends - self._clock.now()).total_seconds() if ends else float("inf")
            seconds = max(left - _MARGIN_SECONDS, _MARGIN_SECONDS)
        else:
            return
        self._until = self._clock.monotonic() + seconds


def _from_file(path: Path, source: str) -> str:
    try:
        token = reading.read(path, _LARGEST).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it holds no text"
        raise errors.Unauthenticated(
            f"{source}: the file with the token cannot be read: {why}", place=str(path)
        ) from error
    if not token:
        raise errors.Unauthenticated(f"{source}: the file with the token is empty", place=str(path))
    return token


async def _from_plugin(
    plugin: ExecPlugin, source: str, programs: str
) -> tuple[ShownCredential, datetime | None]:
    asked: dict[str, Any] = {
        "apiVersion": plugin.api_version,
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    if plugin.cluster:
        asked["spec"]["cluster"] = json.loads(plugin.cluster)
    environment = {
        "PATH": programs,
        "HOME": str(plugin.folder),
        **dict(plugin.environment),
        "KUBERNETES_EXEC_INFO": json.dumps(asked),
    }
    name = plugin.argv[0].rpartition("/")[2]
    try:
        ended = await process.run(
            plugin.argv,
            environment=environment,
            directory=plugin.folder,
            seconds=_PLUGIN_SECONDS,
            stdout_limit=_LARGEST,
            secrets=[value for _, value in plugin.environment],
        )
    except errors.Unavailable as error:
        hint = f"; {foreign(plugin.hint)}" if plugin.hint else ""
        raise errors.Unauthenticated(f"{source}: exec: {error.message}{hint}") from error
    except errors.TowpathError as error:
        raise type(error)(f"{source}: exec: {error.message}") from error
    if ended.code != 0:
        raise errors.Unauthenticated(
            f"{source}: exec: {name} ended with {ended.code}: {foreign(ended.stderr.strip())}"
        )
    return _credential(ended.stdout, f"{source}: exec: {name}")


def _credential(said: bytes, what: str) -> tuple[ShownCredential, datetime | None]:
    try:
        status = json.loads(said)["status"]
        token = status.get("token") or ""
        certificate = (status.get("clientCertificateData") or "").encode("ascii")
        key = (status.get("clientKeyData") or "").encode("ascii")
        told = status.get("expirationTimestamp")
        ends = moments.read(told) if told else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise errors.Unauthenticated(
            f"{what}: what it printed is no ExecCredential with a status"
        ) from error
    if not isinstance(token, str) or not (token or (certificate and key)):
        raise errors.Unauthenticated(
            f"{what}: it gave neither a token nor a certificate with its key"
        )
    return ShownCredential(token, certificate, key), ends
