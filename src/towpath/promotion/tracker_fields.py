"""What the steps about trackers have in common: whose account is used, and what they do while a tracker is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath import errors
from towpath.promotion.effects.accounts import TrackerAccount
from towpath.promotion.http_fields import DURATION, seconds
from towpath.promotion.step import Errored, Waiting
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, Output

_AGAIN_SECONDS: Final = 30.0
"""After which a tracker that is away is asked again, where it does not say when."""
_SLACKENS_TO: Final = 300.0
"""Seconds to which that grows while it stays away."""
_POLL_SECONDS: Final = 300.0
_MOST_LOOKS: Final = 5
"""Looks in a row for a host that does not exist: a new name takes a while to be known everywhere."""
_LOOKS: Final = "looksForHost"
"""How many there were, in the output of a step that waits."""

ONE_SECRET: Final = Rule(
    expression="has(self.secretName) != has(self.sharedSecretName)",
    message="name the Secret in exactly one way: by secretName or by sharedSecretName",
    holds=lambda each, _: bool(each.get("secretName")) != bool(each.get("sharedSecretName")),
)

SecretName = Annotated[
    str | None, Field("A Secret of the Project; this or `sharedSecretName`.", min_length=1)
]
SharedSecretName = Annotated[
    str | None, Field("A Secret that all Projects may use; this or `secretName`.", min_length=1)
]
PollInterval = Annotated[
    str | None, Field("When to look again; 5m, at least 10s.", pattern=DURATION)
]


class JiraCredentials(Struct, kw_only=True):
    """Whose account is used."""

    RULES: ClassVar = (ONE_SECRET,)

    secret_name: SecretName = None
    shared_secret_name: SharedSecretName = None

    def account(self) -> TrackerAccount:
        """Return the same as doors take it."""
        return TrackerAccount(
            secret=self.secret_name or self.shared_secret_name or "",
            is_shared=not self.secret_name,
        )


class SnowCredentials(Struct, kw_only=True):
    """Whose account is used."""

    RULES: ClassVar = (ONE_SECRET,)

    secret_name: SecretName = None
    shared_secret_name: SharedSecretName = None
    type: Annotated[str, Field("What the Secret holds.", enum=("api-token", "basic"))]
    namespace: Annotated[
        str | None,
        Field("Taken and not used: a Secret is of the Project, or one that all may use."),
    ] = None

    def account(self) -> TrackerAccount:
        """Return the same as doors take it."""
        return TrackerAccount(
            secret=self.secret_name or self.shared_secret_name or "",
            is_shared=not self.secret_name,
            kind=self.type,
        )


def host_found(former: Output) -> Output | None:
    """Return the output of a step that waits for something else than a host: looks for one are forgotten."""
    return {} if _LOOKS in former else None


def poll_seconds(given: str | None) -> float:
    """Return when to look again. Raises BadRequest."""
    return seconds("pollInterval", given, _POLL_SECONDS)


def answered(error: errors.TowpathError, former: Output) -> Outcome:
    """Return what a step answers that a tracker has kept from its end; `former`: its own output of the last look.

    What passes is waited for, as long as the tracker asks for or half a minute at a time, and longer when it stays away: `retry.timeout` ends that. What the
    tracker does not take stays. A host that does not exist is looked for a few times in a row.
    """
    match error:
        case errors.NoSuchHost():
            before = former.get(_LOOKS)
            looks = (before if isinstance(before, int) else 0) + 1
            if looks >= _MOST_LOOKS:
                return Errored(message=f"{error.message} (looked {looks} times)", final=True)
            return Waiting(
                waiting_for=error.message, again_seconds=_AGAIN_SECONDS, output={_LOOKS: looks}
            )
        case errors.TooManyRequests(seconds=asked):
            return Waiting(
                waiting_for=error.message,
                again_seconds=asked or _AGAIN_SECONDS,
                slackens_to=asked or _SLACKENS_TO,
                output=host_found(former),
            )
        case errors.Unavailable() | errors.Timeout():
            return Waiting(
                waiting_for=error.message,
                again_seconds=_AGAIN_SECONDS,
                slackens_to=_SLACKENS_TO,
                output=host_found(former),
            )
        case errors.BadRequest() | errors.Conflict():
            return Errored(message=error.message, final=True)
        case _:
            return Errored(message=error.message)
