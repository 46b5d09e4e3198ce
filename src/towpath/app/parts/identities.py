"""Who this server is in clouds, and the ways to those that can tell."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.clients.clouds import machine_identity
from towpath.clients.clouds.aws.ambient import AmbientAws
from towpath.clients.clouds.aws.ecr import EcrTokens
from towpath.clients.clouds.azure.workload import AzureWorkload
from towpath.clients.clouds.google.workload import GoogleWorkload
from towpath.credentials.clouds import Ambient, CloudTokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from towpath.clients.http import Egress
    from towpath.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """What others need of them."""

    clouds: frozenset[str]
    tokens: CloudTokens
    aws: AmbientAws
    """For measurements, which use it whatever the operator says of credentials of repositories."""


@asynccontextmanager
async def identities(
    named: Sequence[str] | None, egress: Egress, clock: Clock, environment: Mapping[str, str]
) -> AsyncIterator[Identities]:
    """Yield the identities. `named`: the clouds that the operator names, None: those that the environment tells of."""
    clouds = machine_identity.chosen(named, environment)
    async with AsyncExitStack() as started:
        agent = None
        if clouds & {machine_identity.AWS, machine_identity.GOOGLE}:
            way = machine_identity.way(environment, clouds, clock)
            agent = await started.enter_async_context(way)
        is_aws = machine_identity.AWS in clouds
        aws = AmbientAws(egress, clock, environment, agent=agent if is_aws else None)
        azure = google = None
        if machine_identity.AZURE in clouds:
            azure = AzureWorkload(egress, clock, environment)
        if machine_identity.GOOGLE in clouds and agent is not None:
            place = machine_identity.google_place(environment)
            google = GoogleWorkload(egress, agent, clock, place=place)
        ambient = Ambient(aws=aws if is_aws else None, azure=azure, google=google)
        tokens = CloudTokens(
            egress, clock, ecr_tokens=EcrTokens(egress, clock, environment), ambient=ambient
        )
        yield Identities(clouds=clouds, tokens=tokens, aws=aws)
