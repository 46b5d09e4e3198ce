"""Tokens for ECR, by which its registries know who pulls (AWS, Amazon ECR API reference, GetAuthorizationToken)."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.clouds import asking
from towpath.clients.clouds.asking import Question
from towpath.clients.clouds.aws import signature
from towpath.clients.kept_tokens import GivenToken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.clouds.aws.keys import AwsCredentials
    from towpath.clients.http import Egress
    from towpath.clock import Clock

USER: Final = "AWS"
_TARGET: Final = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"
_TYPE: Final = "application/x-amz-json-1.1"


class EcrTokens:
    """Asks for tokens."""

    def __init__(self, egress: Egress, clock: Clock, environment: Mapping[str, str]) -> None:
        """`environment`: `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL` say where the service is, as AWS' tools have it."""
        self._egress = egress
        self._clock = clock
        self._environment = environment

    async def get(self, credentials: AwsCredentials) -> GivenToken:
        """Return the password of `USER`, for all registries that a key opens in its region; good for twelve hours.

        Raises Forbidden where AWS refuses, Unavailable, and what the egress raises.
        """
        url, body = self._url(credentials.region), b"{}"
        headers = [("Content-Type", _TYPE), ("X-Amz-Target", _TARGET)]
        signed = signature.headers(
            *("POST", url, headers, body),
            credentials=credentials,
            service="ecr",
            now=self._clock.now(),
        )
        question = Question(
            what="a token for ECR",
            url=url,
            headers=dict(headers + signed),
            body=body,
            secrets=(credentials.secret_key, credentials.token),
            account=credentials.key_id,
        )
        found = await asking.ask(self._egress, question)
        data = _first(found)
        encoded = asking.text(data, "authorizationToken", question)
        try:
            _, _, password = base64.b64decode(encoded, validate=True).decode("ascii").partition(":")
        except (binascii.Error, ValueError) as error:
            raise errors.Unavailable(
                "a token for ECR: the answer has one that cannot be read"
            ) from error
        if not password:
            raise errors.Unavailable("a token for ECR: the answer has an empty one")
        return GivenToken(password, _end(data.get("expiresAt")))

    def _url(self, region: str) -> str:
        given = self._environment
        if own := given.get("AWS_ENDPOINT_URL_ECR") or given.get("AWS_ENDPOINT_URL"):
            return f"{own.rstrip('/')}/"
        ending = ".cn" if region.startswith("cn-") else ""
        return f"https://api.ecr.{region}.amazonaws.com{ending}/"


def _first(found: Mapping[str, Any]) -> Mapping[str, Any]:
    data = found.get("authorizationData")
    first = data[0] if isinstance(data, list) and data else None
    return first if isinstance(first, dict) else {}


def _end(seconds: Any) -> datetime | None:
    """Return a moment that AWS' JSON protocol tells in seconds since 1970."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
