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
    from towpath.promotion.step import Outcome

_AGAIN_SECONDS: Final = 30.0
"""After which a tracker that is away is asked again, where it does not say when."""
_POLL_SECONDS: Final = 300.0

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


def poll_seconds(given: str | None) -> float:
    """Return when to look again. Raises BadRequest."""
    return seconds("pollInterval", given, _POLL_SECONDS)


def answered(error: errors.TowpathError) -> Outcome:
    """Return what a step answers that a tracker has kept from its end.

    What passes is waited for, as long as the tracker asks for or half a minute at a time: `retry.timeout` ends that. What the
    tracker does not take stays.
    """
    match error:
        case errors.TooManyRequests(seconds=asked):
            return Waiting(waiting_for=error.message, again_seconds=asked or _AGAIN_SECONDS)
        case errors.Unavailable() | errors.Timeout():
            return Waiting(waiting_for=error.message, again_seconds=_AGAIN_SECONDS)
        case errors.BadRequest() | errors.Conflict():
            return Errored(message=error.message, final=True)
        case _:
            return Errored(message=error.message)
