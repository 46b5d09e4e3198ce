"""The identity that AKS gave this workload, and what Azure's registries give for it.

A token of the cluster is exchanged at Entra for one of Azure, and that at the registry for one of its own, which is the
password of `USER`. Source: learn.microsoft.com, "Workload identity federation", "OAuth 2.0 client credentials flow";
Azure/acr, `docs/AAD-OAuth.md`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from towpath.clients.clouds import asking
from towpath.clients.clouds.asking import Question
from towpath.clients.kept_tokens import GivenToken
from towpath.disk import reading
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.clients.http import Egress
    from towpath.clock import Clock

USER: Final = "00000000-0000-0000-0000-000000000000"
_AUTHORITY: Final = "https://login.microsoftonline.com/"
_SCOPE: Final = "https://containerregistry.azure.net/.default"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LARGEST_FILE: Final = 1 << 20


class AzureWorkload:
    """Asks Entra and registries."""

    def __init__(
        self,
        egress: Egress,
        clock: Clock,
        environment: Mapping[str, str],
        *,
        registry_url: Callable[[str], str] = "https://{}".format,
    ) -> None:
        """`environment`: the variables that AKS sets; `registry_url`: where the registry of a host is."""
        self._egress = egress
        self._clock = clock
        self._environment = environment
        self._registry_url = registry_url

    async def token(self, host: str) -> GivenToken:
        """Return a registry's own token, good for three hours. Raises what `asking.ask` raises."""
        access = await self._access()
        question = Question(
            what=f"a token of the registry {host}",
            url=f"{self._registry_url(host)}/oauth2/exchange",
            headers={"Content-Type": asking.FORM},
            body=urlencode(
                {
                    "grant_type": "access_token",
                    "service": host,
                    "tenant": self._given("AZURE_TENANT_ID"),
                    "access_token": access,
                }
            ).encode(),
            secrets=(access,),
        )
        asking.refuse_plain(self._egress, question.url, question.what)
        found = await asking.ask(self._egress, question)
        text = asking.text(found, "refresh_token", question)
        return GivenToken(text, _end(text))

    async def _access(self) -> str:
        """Return the token of Azure for the token of the cluster, which the kubelet writes anew now and then."""
        file = self._given("AZURE_FEDERATED_TOKEN_FILE")
        try:
            federated = (
                (await asyncio.to_thread(reading.read, Path(file), _LARGEST_FILE))
                .decode("ascii", "replace")
                .strip()
            )
        except OSError as error:
            raise Unavailable(
                f"AZURE_FEDERATED_TOKEN_FILE cannot be read: {error.strerror or error}"
            ) from error
        authority = self._environment.get("AZURE_AUTHORITY_HOST") or _AUTHORITY
        tenant = quote(self._given("AZURE_TENANT_ID"), safe="")
        question = Question(
            what="a token of Azure",
            url=f"{authority.rstrip('/')}/{tenant}/oauth2/v2.0/token",
            headers={"Content-Type": asking.FORM},
            body=urlencode(
                {
                    "grant_type": "client_credentials",
                    "client_id": self._given("AZURE_CLIENT_ID"),
                    "scope": _SCOPE,
                    "client_assertion_type": _ASSERTION,
                    "client_assertion": federated,
                }
            ).encode(),
            secrets=(federated,),
        )
        asking.refuse_plain(self._egress, question.url, question.what)
        return asking.text(await asking.ask(self._egress, question), "access_token", question)

    def _given(self, name: str) -> str:
        found = self._environment.get(name)
        if not found:
            raise Unavailable(f"this server has no identity of Azure: {name} is not set")
        return found


def _end(token: str) -> datetime | None:
    """Return when a JSON Web Token ends, as it says itself; it is not verified, as it is not ours to trust."""
    part = token.split(".")[1:2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(part[0] + "=" * (-len(part[0]) % 4)))
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (
        binascii.Error, ValueError, IndexError, KeyError, TypeError, OverflowError, OSError, RecursionError,
    ):  # fmt: skip
        return None
