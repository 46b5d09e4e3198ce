"""Who this server is in clouds, and the ways to those that can tell."""

from __future__ import annotations

from contextlib import asynccontextmanager
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
    async with machine_identity.way(environment, clouds, clock) as agent:
        aws = AmbientAws(
            egress, clock, environment, agent=agent if machine_identity.AWS in clouds else None
        )
        place = machine_identity.google_place(environment)
        azure, google = (
            AzureWorkload(egress, clock, environment),
            GoogleWorkload(egress, agent, clock, place=place),
        )
        ambient = Ambient(
            aws=aws if machine_identity.AWS in clouds else None,
            azure=azure if machine_identity.AZURE in clouds else None,
            google=google if machine_identity.GOOGLE in clouds else None,
        )
        tokens = CloudTokens(
            egress, clock, ecr_tokens=EcrTokens(egress, clock, environment), ambient=ambient
        )
        yield Identities(clouds=clouds, tokens=tokens, aws=aws)
