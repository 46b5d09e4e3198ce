"""The server's own AWS credentials, and a stand-in for the service that lends those of roles."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.metric_servers import form, standing
from towpath.clients.clouds.aws.ambient import AmbientAws
from towpath.clients.http import Egress
from towpath.clock import VirtualClock
from towpath.errors import BadRequest, Forbidden, Unavailable
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

ROLE = "arn:aws:iam::123456789012:role/metrics"
KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_REGION": "eu-west-1"}


@asynccontextmanager
async def _ambient(
    environment: Mapping[str, str], clock: VirtualClock | None = None, allow: str = ""
) -> AsyncIterator[AmbientAws]:
    clock = clock or VirtualClock()
    async with Egress(allow=[allow] if allow else [], clock=clock) as egress:
        yield AmbientAws(egress, clock, environment)


async def test_variables_are_looked_at_first() -> None:
    """Variables are looked at first."""
    async with _ambient(KEYS | {"AWS_SESSION_TOKEN": "t"}) as aws:
        found = await aws.credentials()
        assert (found.key_id, found.secret_key, found.token, found.region) == (
            "AKID",
            "s3cret",
            "t",
            "eu-west-1",
        )
        assert (await aws.credentials(region="us-east-1")).region == "us-east-1"


async def test_profiles_are_those_of_the_files(tmp_path: Path) -> None:
    """A profile that is named is not overruled by variables."""
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text(
        "[default]\naws_access_key_id = D\naws_secret_access_key = E\n"
        "[team]\naws_access_key_id = A\naws_secret_access_key = B%C\naws_session_token = T\n[half]\naws_access_key_id = A\n"
    )
    (folder / "config").write_text(
        "[profile team]\nregion = eu-north-1\n[default]\nregion=us-east-2\n"
    )
    async with _ambient({"HOME": str(tmp_path)}) as aws:
        found = await aws.credentials()
        assert (found.key_id, found.region) == ("D", "us-east-2")
    async with _ambient(KEYS | {"HOME": str(tmp_path)}) as aws:
        found = await aws.credentials(profile="team")
        assert (found.key_id, found.secret_key, found.token, found.region) == (
            "A",
            "B%C",
            "T",
            "eu-north-1",
        )
        for profile in ("half", "none", "../x"):
            with pytest.raises(Unavailable, match=r"has no AWS credentials: .* the profile"):
                await aws.credentials(profile=profile)
    (folder / "credentials").write_bytes(b"\xff[")
    async with _ambient({"HOME": str(tmp_path)}) as aws:
        with pytest.raises(Unavailable, match="AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE"):
            await aws.credentials()


def _sts(clock: VirtualClock, *, signed: bool = True) -> Callable[[Request], Answer]:
    def respond(request: Request) -> Answer:
        asked = form(request)
        assert asked["Version"] == "2011-06-15"
        assert ("Authorization" in request.headers) is signed
        if signed:
            assert (
                "Credential=AKID/20260101/eu-west-1/sts/aws4_request"
                in request.headers["Authorization"]
            )
            assert asked["Action"] == "AssumeRole"
        else:
            assert (asked["Action"], asked["WebIdentityToken"]) == (
                "AssumeRoleWithWebIdentity",
                "jwt",
            )
        if "denied" in asked["RoleArn"]:
            return (
                403,
                {},
                b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>",
            )
        until = moments.written(clock.now() + timedelta(hours=1))
        return 200, {}, (
            f"<R><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>x</SecretAccessKey>"
            f"<SessionToken>y</SessionToken><Expiration>{until}</Expiration></Credentials></R>"
        ).encode()  # fmt: skip

    return respond


async def test_the_credentials_of_a_role_are_lent_and_kept_while_they_are_valid() -> None:
    """They are asked for anew some minutes before they end."""
    clock = VirtualClock()
    with standing(_sts(clock)) as sts:
        where = sts.url.removeprefix("http://")
        async with _ambient(KEYS | {"AWS_ENDPOINT_URL_STS": f"{sts.url}/"}, clock, where) as aws:
            found = await aws.credentials(role=ROLE)
            assert (found.key_id, found.token, found.region) == ("ASIA", "y", "eu-west-1")
            await clock.advance(54 * 60)
            await aws.credentials(role=ROLE)
            assert len(sts.asked) == 1
            await clock.advance(60)
            await aws.credentials(role=ROLE)
            assert len(sts.asked) == 2
            with pytest.raises(Forbidden, match=r"AssumeRole of .*denied: HTTP 403: not you"):
                await aws.credentials(role=f"{ROLE}-denied")


async def test_the_token_of_a_service_account_is_enough(tmp_path: Path) -> None:
    """The token of a service account is enough."""
    clock = VirtualClock()
    token = tmp_path / "token"
    token.write_text("jwt\n")
    given = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
        "AWS_ROLE_ARN": ROLE,
        "AWS_REGION": "eu-west-1",
    }
    with standing(_sts(clock, signed=False)) as sts:
        where = sts.url.removeprefix("http://")
        async with _ambient(given | {"AWS_ENDPOINT_URL_STS": sts.url}, clock, where) as aws:
            assert (await aws.credentials()).key_id == "ASIA"
            token.unlink()
            with pytest.raises(Unavailable, match="AWS_WEB_IDENTITY_TOKEN_FILE cannot be read"):
                await aws.credentials()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"role": "metrics"}, "roleArn: 'metrics' is not arn"),
        ({"region": "x.evil.example/"}, "'x.evil.example/' is no name of a region"),
    ],
)
async def test_what_is_no_role_or_region_is_not_sent(asked: dict[str, str], said: str) -> None:
    """A region becomes a part of a host."""
    async with _ambient(KEYS) as aws:
        with pytest.raises(BadRequest, match=said):
            await aws.credentials(**asked)
