"""Tokens of GitHub Apps: an App proves itself with its key, and is given a token that opens one repository for an hour.

A token is kept until shortly before its end, for the App, key and repository it was given for: another key in the Secret is
another token at once. Who asks while a token is on its way waits for that one.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors, messages
from towpath.clients import kept_tokens
from towpath.clients.forges.github import app_key
from towpath.clients.kept_tokens import GivenToken, KeptTokens
from towpath.resources import moments

if TYPE_CHECKING:
    from towpath.clients.forges.github.places import GitHubRepository
    from towpath.clients.http import Egress
    from towpath.clients.http.egress import Response
    from towpath.clock import Clock

_SECONDS: Final = 30.0
_MOST_BYTES: Final = 256 << 10
_PAUSES: Final = (0.2, 0.4)
_VERSION: Final = "2022-11-28"
_NUMBER: Final = frozenset("0123456789")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A GitHub App where an organisation or a user has installed it. `repr` shows no secret."""

    issuer: str
    """The App's client id, or its number."""
    id: str
    """The number of the installation."""
    key: str = field(repr=False)
    """The App's private key, in PEM or that in base64."""


class InstallationTokens:
    """Gets and keeps tokens; one for the process."""

    def __init__(self, egress: Egress, clock: Clock) -> None:
        self._egress = egress
        self._clock = clock
        self._kept = KeptTokens(clock)

    async def get(
        self, installation: Installation, repository: GitHubRepository, *, refused: str = ""
    ) -> str:
        """Return a token that opens a repository, and no other one.

        `refused`: one that a server did not take; it is not given out again. Raises Invalid for what the App's owner has to
        mend, TooManyRequests, Unavailable, Timeout, and what the egress raises for an address.
        """
        name = kept_tokens.name(
            repository.api,
            repository.name.lower(),
            installation.issuer,
            installation.id,
            installation.key,
        )
        return await self._kept.get(
            name, lambda: self._fetched(installation, repository), refused=refused
        )

    async def _fetched(
        self, installation: Installation, repository: GitHubRepository
    ) -> GivenToken:
        if not set(installation.id) <= _NUMBER or not installation.id:
            raise errors.Invalid(
                "githubAppInstallationID must be a number, as the installation's page has it in its address"
            )
        try:
            proof = await asyncio.to_thread(
                app_key.proof, installation.issuer, installation.key, self._clock.now()
            )
        except errors.Invalid as error:
            raise errors.Invalid(f"githubAppPrivateKey: {error.message}") from error
        answer = await self._asked(installation, repository, proof)
        if answer.status != 201:
            raise _refusal(answer, installation, repository)
        return _read(answer)

    async def _asked(
        self, installation: Installation, repository: GitHubRepository, proof: str
    ) -> Response:
        """Ask for a token; again after a failure that may pass, as a token too many does no harm."""
        for pause in (*_PAUSES, None):
            try:
                answer = await self._egress.request(
                    "POST",
                    f"{repository.api}/app/installations/{installation.id}/access_tokens",
                    headers={
                        "Authorization": f"Bearer {proof}",
                        "Accept": "application/vnd.github+json",
                        "Content-Type": "application/json",
                        "X-GitHub-Api-Version": _VERSION,
                    },
                    body=json.dumps({"repositories": [repository.name]}).encode(),
                    seconds=_SECONDS,
                    most_bytes=_MOST_BYTES,
                    account=f"{installation.issuer}/{installation.id}",
                )
            except errors.Unavailable:
                if pause is None:
                    raise
            else:
                if pause is None or answer.status < 500:
                    return answer
            await self._clock.sleep(pause)
        raise AssertionError("the last try returns or raises")


def _read(answer: Response) -> GivenToken:
    try:
        found = json.loads(answer.body)
        token, ends = found["token"], found.get("expires_at")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise errors.Unavailable(f"{answer.url} answered with no token") from error
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise errors.Unavailable(f"{answer.url} answered with no token")
    return GivenToken(token, moments.read(ends))


def _refusal(
    answer: Response, installation: Installation, repository: GitHubRepository
) -> errors.TowpathError:
    """Return the error for an answer that is no token: what the server says, and who mends it how."""
    said = f"{answer.url} answered {answer.status}{_said(answer)}"
    has_to_wait = answer.headers.get("retry-after") or (
        answer.headers.get("x-ratelimit-remaining") == "0"
    )
    if answer.status == 429 or (answer.status == 403 and has_to_wait):
        return errors.TooManyRequests(f"{said}: its rate limit is used up; try later")
    match answer.status:
        case 401:
            cause = (
                f"GitHub does not take the key for the App {installation.issuer}: give githubAppPrivateKey a key that the "
                "App's page lists, and githubAppClientID (or githubAppID) what that page says; this machine's clock must be right"
            )
        case 403:
            cause = (
                "the installation may be suspended: look at it on the App's page, under Install App"
            )
        case 404:
            cause = (
                f"the App {installation.issuer} has no installation {installation.id} there: install it for {repository.owner}, "
                "and give githubAppInstallationID the number in the address of the installation's page"
            )
        case 422:
            cause = (
                f"the installation {installation.id} does not reach the repository {repository.name}: give it access to "
                f"{repository.owner}/{repository.name}, on the installation's page under Repository access"
            )
        case status if 400 <= status < 500:
            cause = f"check that {repository.api} is the interface of a GitHub"
        case _:
            return errors.Unavailable(said)
    return errors.Invalid(f"{said}: {cause}")


def _said(answer: Response) -> str:
    try:
        message = json.loads(answer.body)["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f" ({messages.foreign(message, most_bytes=200)})" if isinstance(message, str) else ""
