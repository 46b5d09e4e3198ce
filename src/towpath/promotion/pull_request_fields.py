"""What the steps about pull requests have in common: which repository it is about, and what they do while its forge is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from towpath import errors
from towpath.promotion.effects.forge import ForgeRepository
from towpath.promotion.http_fields import DURATION, seconds
from towpath.promotion.step import Errored, Waiting
from towpath.resources.fields import Field, Struct
from towpath.versions.forges import KINDS

if TYPE_CHECKING:
    from towpath.promotion.effects.forge import SeenPullRequest
    from towpath.promotion.step import Outcome, Output

_AGAIN_SECONDS: Final = 30.0
"""After which a forge that is away is asked again, where it does not say when."""
_SLACKENS_TO: Final = 300.0
"""Seconds to which that grows while it stays away."""

RepositoryURL = Annotated[str, Field("The repository, by its `https://` URL.", min_length=1)]
PullRequestNumber = Annotated[
    int, Field("The number of the pull request.", minimum=1, maximum=2147483647, format="int32")
]
ForgeProvider = Annotated[
    str,
    Field("What kind of forge it is; told by the host, or by the operator, if empty.", enum=KINDS),
]
SkipsTLS = Annotated[bool, Field("Whether any certificate will do. Unsafe.")]
PullRequestPoll = Annotated[
    str | None,
    Field(
        "When to look again; if it is not given, ever less often the longer it waits.",
        pattern=DURATION,
    ),
]


class ShownPullRequest(Struct, kw_only=True):
    """A pull request, as it was seen last."""

    id: Annotated[int, Field("Its number.")] = 0
    url: Annotated[str, Field("Its page.")] = ""
    open: Annotated[bool, Field("Whether it is open.")] = False
    merged: Annotated[bool, Field("Whether it was merged.")] = False


class PullRequestOutput(Struct, kw_only=True):
    """What the step saw."""

    pr: Annotated[ShownPullRequest | None, Field("The pull request.")] = None
    commit: Annotated[
        str, Field("The commit that stands for it on the target branch, once it is merged.")
    ] = ""


def repository(url: str, provider: str, *, insecure: bool) -> ForgeRepository:
    """Return the repository as doors take it."""
    return ForgeRepository(url=url, provider=provider, insecure=insecure)


def shown(seen: SeenPullRequest) -> dict[str, Any]:
    """Return the output about a pull request."""
    told = {"id": seen.number, "url": seen.url, "open": seen.is_open, "merged": seen.is_merged}
    return {"pr": told} | ({"commit": seen.commit} if seen.commit else {})


def poll_seconds(given: str | None, usual: float, longest: float) -> tuple[float, float]:
    """Return when to look again, and to how many seconds that grows: not beyond what somebody has given. Raises BadRequest."""
    again = seconds("pollInterval", given, usual)
    return again, longest if given is None else again


def answered(error: errors.TowpathError, former: Output) -> Outcome:
    """Return what a step answers that a forge has kept from its end; `former`: its own output of an earlier run.

    What passes is waited for, as long as the forge asks for or half a minute at a time, and longer when it stays away:
    `retry.timeout` ends that.
    """
    kept = dict(former) or None
    match error:
        case errors.NoSuchHost():
            return Errored(message=error.message, output=kept)
        case errors.TooManyRequests(seconds=asked):
            return Waiting(
                waiting_for=error.message,
                again_seconds=asked or _AGAIN_SECONDS,
                slackens_to=asked or _SLACKENS_TO,
                output=kept,
            )
        case errors.Unavailable() | errors.Timeout():
            return Waiting(
                waiting_for=error.message,
                again_seconds=_AGAIN_SECONDS,
                slackens_to=_SLACKENS_TO,
                output=kept,
            )
        case errors.BadRequest() | errors.Unsupported():
            return Errored(message=error.message, final=True, output=kept)
        case _:
            return Errored(message=error.message, output=kept)
