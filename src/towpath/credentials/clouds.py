"""Credentials that clouds give: for a key in a Secret, or for who this server is there.

Ambient identities serve only where no Secret matches, and only those that the server was given, or the operator named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients import kept_tokens
from towpath.clients.clouds import machine_identity
from towpath.clients.clouds.aws import ecr
from towpath.clients.clouds.aws.keys import AwsCredentials
from towpath.clients.clouds.azure import workload as azure_workload
from towpath.clients.clouds.google import account_key
from towpath.clients.kept_tokens import GivenToken, KeptTokens
from towpath.credentials import lookup
from towpath.credentials.found import FoundCredential
from towpath.credentials.lookup import Shape

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from towpath.clients.clouds.aws.ambient import AmbientAws
    from towpath.clients.clouds.aws.ecr import EcrTokens
    from towpath.clients.clouds.azure.workload import AzureWorkload
    from towpath.clients.clouds.google.workload import GoogleWorkload
    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.credentials.lookup import Type
    from towpath.resources.kinds import Ref

OF_PROJECT: Final = "kargo-project-"
"""How an identity is named that is a Project's own, followed by the Project, as upstream has it."""
_FALLEN_BACK: Final = timedelta(hours=1)
"""For which a token is kept that was given to the server because the Project has no identity of its own."""
NAMES: Final = {
    machine_identity.AWS: "AWS",
    machine_identity.AZURE: "Azure",
    machine_identity.GOOGLE: "Google Cloud",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambient:
    """Who this server is in clouds; what is None it is not there."""

    aws: AmbientAws | None = None
    azure: AzureWorkload | None = None
    google: GoogleWorkload | None = None


class CloudTokens:
    """Gets and keeps tokens of clouds; one for the process."""

    def __init__(
        self, egress: Egress, clock: Clock, *, ecr_tokens: EcrTokens, ambient: Ambient
    ) -> None:
        """`ambient`: the identities that may be used where no Secret matches."""
        self._egress = egress
        self._clock = clock
        self._ecr = ecr_tokens
        self._ambient = ambient
        self._kept = KeptTokens(clock)

    async def of_secret(
        self, shape: Shape, secret: Ref, values: Mapping[str, str], *, refused: str = ""
    ) -> FoundCredential:
        """Return the credential for the key of a cloud that a Secret holds. Raises, naming the Secret, what keeps it away."""
        try:
            if shape is Shape.ECR_KEY:
                user, password = ecr.USER, await self._of_aws_key(values, refused)
            else:
                user, password = account_key.USER, await self._of_google_key(values, refused)
        except errors.TowpathError as error:
            said = f"Secret {secret.namespace}/{secret.name}, which holds {shape.value}: {error.message}"
            raise type(error)(said) from error
        return FoundCredential(username=user, password=password, secret=secret, is_renewable=True)

    async def _of_aws_key(self, values: Mapping[str, str], refused: str) -> str:
        key = AwsCredentials(
            key_id=values[lookup.AWS_KEY_ID].strip(),
            secret_key=values[lookup.AWS_SECRET_KEY].strip(),
            region=values[lookup.AWS_REGION].strip(),
        )
        if not lookup.is_region(key.region):
            raise errors.Invalid(f"{lookup.AWS_REGION} is no region, such as eu-central-1")
        if not (key.key_id.isascii() and key.key_id.isalnum()):
            raise errors.Invalid(
                f"{lookup.AWS_KEY_ID} is no id of a key: those are letters and digits"
            )
        name = kept_tokens.name("ecr", key.region, key.key_id, key.secret_key)
        return await self._kept.get(name, lambda: self._ecr.get(key), refused=refused)

    async def _of_google_key(self, values: Mapping[str, str], refused: str) -> str:
        encoded = values[lookup.GAR_KEY]

        async def fetch() -> GivenToken:
            try:
                key = account_key.read(encoded)
                return await account_key.token(self._egress, self._clock, key)
            except errors.Invalid as error:
                raise errors.Invalid(f"{lookup.GAR_KEY}: {error.message}") from error

        return await self._kept.get(kept_tokens.name("gar", encoded), fetch, refused=refused)

    async def ambient(
        self, project: str, type_: Type, url: str, *, refused: str = ""
    ) -> FoundCredential | None:
        """Return the credential that the server's identity gets for a registry; None if it is none of its clouds.

        Where the Project has an identity of its own, named `OF_PROJECT` and the Project, that one is taken. Raises, saying
        whose identity it was, what keeps it from getting a token.
        """
        place = lookup.cloud_registry(type_, url)
        if place is None or (found := self._way(place, project)) is None:
            return None
        user, key, fetch = found
        whose = f"the server's identity at {NAMES[place.cloud]}"
        try:
            password = await self._kept.get(
                kept_tokens.name("ambient", *key), fetch, refused=refused
            )
        except errors.TowpathError as error:
            raise type(error)(f"{whose}, as no Secret matches: {error.message}") from error
        return FoundCredential(username=user, password=password, origin=whose, is_renewable=True)

    def _way(
        self, place: lookup.CloudRegistry, project: str
    ) -> tuple[str, tuple[str, ...], Callable[[], Awaitable[GivenToken]]] | None:
        """Return the user name, what the token is kept under, and what fetches it; None without an identity there."""
        aws, azure, google = self._ambient.aws, self._ambient.azure, self._ambient.google
        match place.cloud:
            case machine_identity.AWS if aws is not None:
                key = ("aws", place.region, project)
                return ecr.USER, key, lambda: self._by_aws(aws, place.region, project)
            case machine_identity.AZURE if azure is not None:
                return azure_workload.USER, ("azure", place.host), lambda: azure.token(place.host)
            case machine_identity.GOOGLE if google is not None:
                return (
                    account_key.USER,
                    ("google", project),
                    lambda: self._by_google(google, project),
                )
        return None

    async def _by_aws(self, aws: AmbientAws, region: str, project: str) -> GivenToken:
        account = await aws.account(region)
        role = f"arn:{_partition(region)}:iam::{account}:role/{OF_PROJECT}{project}"
        try:
            return await self._ecr.get(await aws.credentials(region=region, role=role))
        except (errors.Forbidden, errors.BadRequest):
            return self._shorter(await self._ecr.get(await aws.credentials(region=region)))

    async def _by_google(self, google: GoogleWorkload, project: str) -> GivenToken:
        lent = await google.lent(f"{OF_PROJECT}{project}")
        return lent if lent is not None else self._shorter(await google.token())

    def _shorter(self, token: GivenToken) -> GivenToken:
        latest = self._clock.now() + _FALLEN_BACK
        return GivenToken(token.text, latest if token.ends is None else min(latest, token.ends))


def _partition(region: str) -> str:
    """Return which part of AWS a region is in, as names of roles begin with it."""
    for beginning, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if region.startswith(beginning):
            return partition
    return "aws"
