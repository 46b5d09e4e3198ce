"""The AWS credentials that the server was given: by variables, by a file of profiles, or by the token of a service account.

The usual chain of AWS' own tools, without the service that machines of theirs have for it, whose address is never reached.
Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers"; AWS STS API reference.
"""

from __future__ import annotations

import asyncio
import configparser
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from towpath import messages
from towpath.disk import reading
from towpath.errors import BadRequest, Forbidden, Unavailable
from towpath.verification import aws_signature
from towpath.verification.aws_access import AwsCredentials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.http import Egress
    from towpath.clock import Clock

_LARGEST_FILE: Final = 1 << 20
_SECONDS: Final = 10.0
_BEFORE_THE_END: Final = timedelta(minutes=5)
"""Of credentials for a while: they are asked for anew so long before they end."""
_MOST_KEPT: Final = 100
_SESSION: Final = "towpath"
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}", re.ASCII)
_REGION: Final = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
_USUAL: Final = "default"


@dataclass(frozen=True, slots=True)
class _Lent:
    """Credentials of a role."""

    credentials: AwsCredentials
    until: datetime


class AmbientAws:
    """Looks credentials up for measurements. Those of roles are kept while they are valid."""

    def __init__(self, egress: Egress, clock: Clock, environment: Mapping[str, str]) -> None:
        """`environment`: the server's variables; of them those are read whose names begin with `AWS_`, and `HOME`."""
        self._egress = egress
        self._clock = clock
        self._environment = environment
        self._lent: dict[tuple[str, str, str], _Lent] = {}

    async def credentials(
        self, *, region: str = "", profile: str = "", role: str = ""
    ) -> AwsCredentials:
        """See `MeasuringAws.credentials`."""
        if role and not _ROLE.fullmatch(role):
            raise BadRequest(
                f"authentication.sigv4.roleArn: {role[:100]!r} is not arn:aws:iam::ACCOUNT:role/NAME"
            )
        place = region or await self._region(profile)
        if place and not _REGION.fullmatch(place):
            raise BadRequest(f"authentication.sigv4.region: {place[:60]!r} is no name of a region")
        found = await self._own(profile, place)
        if role:
            found = await self._of_role(found, role, profile, place)
        return replace(found, region=place)

    async def _region(self, profile: str) -> str:
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            if not profile and self._environment.get(name):
                return self._environment[name]
        wanted = profile or self._environment.get("AWS_PROFILE", _USUAL)
        for section in (f"profile {wanted}", wanted):
            found = (await self._file("AWS_CONFIG_FILE", "config", section)).get("region")
            if found:
                return found
        return ""

    async def _own(self, profile: str, region: str) -> AwsCredentials:
        """Return the server's own: variables, then the token of a service account, then a profile."""
        given = self._environment
        if not profile and given.get("AWS_ACCESS_KEY_ID") and given.get("AWS_SECRET_ACCESS_KEY"):
            return AwsCredentials(
                key_id=given["AWS_ACCESS_KEY_ID"],
                secret_key=given["AWS_SECRET_ACCESS_KEY"],
                token=given.get("AWS_SESSION_TOKEN", ""),
            )
        token_file, role = given.get("AWS_WEB_IDENTITY_TOKEN_FILE"), given.get("AWS_ROLE_ARN")
        if not profile and token_file and role:
            return await self._of_account(token_file, role, region)
        wanted = profile or given.get("AWS_PROFILE", _USUAL)
        found = await self._file("AWS_SHARED_CREDENTIALS_FILE", "credentials", wanted)
        if found.get("aws_access_key_id") and found.get("aws_secret_access_key"):
            return AwsCredentials(
                key_id=found["aws_access_key_id"],
                secret_key=found["aws_secret_access_key"],
                token=found.get("aws_session_token", ""),
            )
        looked = "" if profile else "AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE and "
        raise Unavailable(
            f"this server has no AWS credentials: its operator sets them; looked for in {looked}the profile "
            f"{messages.cut(wanted, 80)!r} of AWS_SHARED_CREDENTIALS_FILE"
        )

    async def _file(self, variable: str, name: str, section: str) -> Mapping[str, str]:
        """Return a section of one of AWS' files; empty if there is none."""
        home = self._environment.get("HOME", "")
        place = self._environment.get(variable) or (f"{home}/.aws/{name}" if home else "")
        if not place:
            return {}
        parser = configparser.RawConfigParser()
        try:
            content = await asyncio.to_thread(reading.read, Path(place), _LARGEST_FILE)
            parser.read_string(content.decode("utf-8", "replace"))
        except (OSError, configparser.Error):
            return {}
        return dict(parser.items(section)) if parser.has_section(section) else {}

    async def _of_role(
        self, own: AwsCredentials, role: str, profile: str, region: str
    ) -> AwsCredentials:
        asked = {"Action": "AssumeRole", "RoleArn": role, "RoleSessionName": _SESSION}
        return await self._lend((role, profile, region), asked, region, replace(own, region=region))

    async def _of_account(self, token_file: str, role: str, region: str) -> AwsCredentials:
        try:
            token = await asyncio.to_thread(reading.read, Path(token_file), _LARGEST_FILE)
        except OSError as error:
            raise Unavailable(
                f"AWS_WEB_IDENTITY_TOKEN_FILE cannot be read: {error.strerror or error}"
            ) from error
        asked = {
            "Action": "AssumeRoleWithWebIdentity",
            "RoleArn": role,
            "RoleSessionName": _SESSION,
            "WebIdentityToken": token.decode("ascii", "replace").strip(),
        }
        return await self._lend((role, "", region), asked, region, None)

    async def _lend(
        self,
        key: tuple[str, str, str],
        asked: Mapping[str, str],
        region: str,
        own: AwsCredentials | None,
    ) -> AwsCredentials:
        """Return the credentials of a role, from what is kept, or from AWS' service for them."""
        kept = self._lent.pop(key, None)
        if kept is None or kept.until - _BEFORE_THE_END <= self._clock.now():
            kept = await self._asked(asked, region, own)
        self._lent[key] = kept
        if len(self._lent) > _MOST_KEPT:
            self._lent.pop(next(iter(self._lent)))
        return kept.credentials

    async def _asked(
        self, asked: Mapping[str, str], region: str, own: AwsCredentials | None
    ) -> _Lent:
        if not region:
            raise BadRequest("authentication.sigv4.region: write the region, such as eu-central-1")
        usual = f"https://sts.{region}.amazonaws.com/"
        url = self._environment.get("AWS_ENDPOINT_URL_STS", usual)
        body = urlencode({"Version": "2011-06-15", **asked}).encode()
        headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        if own is not None:
            headers += aws_signature.headers(
                "POST", url, headers, body, credentials=own, service="sts", now=self._clock.now()
            )
        answer = await self._egress.request(
            "POST", url, headers=dict(headers), body=body, seconds=_SECONDS, most_bytes=1 << 16
        )
        text = answer.body.decode("utf-8", "replace")
        what = f"{asked['Action']} of {asked['RoleArn']}"
        if answer.status != 200:
            said = _element(text, "Message") or _element(text, "Code")
            told = f"{what}: HTTP {answer.status}: {messages.cut(messages.plain(said), 500)}"
            raise (Forbidden if answer.status in (400, 403) else Unavailable)(told)
        found = AwsCredentials(
            key_id=_element(text, "AccessKeyId"),
            secret_key=_element(text, "SecretAccessKey"),
            token=_element(text, "SessionToken"),
        )
        try:
            until = datetime.fromisoformat(_element(text, "Expiration"))
        except ValueError:
            until = self._clock.now()
        if not found.key_id or not found.secret_key:
            raise Unavailable(f"{what}: the answer has no credentials")
        return _Lent(found, until if until.tzinfo else until.replace(tzinfo=UTC))


def _element(text: str, name: str) -> str:
    """Return the text of the first element of a name, which has no others in it and is written as AWS writes it."""
    _, opening, rest = text.partition(f"<{name}>")
    return rest.partition(f"</{name}>")[0].strip() if opening else ""
