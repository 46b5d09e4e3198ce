"""The AWS credentials that the server was given: by variables, a service account's token, a file of profiles, or EKS' agent.

The usual chain of AWS' own tools, without the service that machines of theirs have for it, whose address is never reached.
Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers" and "Container credential provider"; AWS STS
API reference.
"""

from __future__ import annotations

import asyncio
import configparser
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from towpath import messages
from towpath.clients.clouds.aws import signature
from towpath.clients.clouds.aws.keys import AwsCredentials
from towpath.disk import reading
from towpath.errors import BadRequest, Forbidden, Unavailable
from towpath.masking import mask
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.http import Egress
    from towpath.clock import Clock

_LARGEST_FILE: Final = 1 << 20
AGENT: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
"""The variable that EKS and ECS name their agent with."""
_SECONDS: Final = 10.0
_AGENT_SECONDS: Final = 5.0
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
    """Looks credentials up. Those of roles are kept while they are valid."""

    def __init__(
        self,
        egress: Egress,
        clock: Clock,
        environment: Mapping[str, str],
        *,
        agent: Egress | None = None,
    ) -> None:
        """`environment`: the server's variables; of them those are read whose names begin with `AWS_`, and `HOME`.

        `agent`: the way to the cloud's agent on this machine (`machine_identity`); None: it is not asked.
        """
        self._egress = egress
        self._agent = agent
        self._clock = clock
        self._environment = environment
        self._lent: dict[tuple[str, str, str], _Lent] = {}
        self._accounts: dict[str, str] = {}

    async def credentials(
        self, *, region: str = "", profile: str = "", role: str = ""
    ) -> AwsCredentials:
        """Return those of a profile, or of the server; with `role` (an ARN) those of the role that they may take.

        Raises Unavailable, which says where they were looked for, Forbidden where AWS refuses the role, and BadRequest.
        """
        if role and not _ROLE.fullmatch(role):
            raise BadRequest(f"roleArn: {role[:100]!r} is not arn:aws:iam::ACCOUNT:role/NAME")
        place = region or await self._region(profile)
        if place and not _REGION.fullmatch(place):
            raise BadRequest(f"region: {place[:60]!r} is no name of a region")
        found = await self._own(profile, place)
        if role:
            found = await self._of_role(found, role, profile, place)
        return replace(found, region=place)

    async def account(self, region: str) -> str:
        """Return the number of the account that the server's own credentials are of. Raises as `credentials` does."""
        role = self._environment.get("AWS_ROLE_ARN", "")
        if _ROLE.fullmatch(role):
            return role.split(":")[4]
        if region not in self._accounts:
            own = await self.credentials(region=region)
            text = await self._sts({"Action": "GetCallerIdentity"}, region, own, "who this is")
            self._accounts[region] = _element(text, "Account")
        return self._accounts[region]

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
        """Return the server's own: variables, then the token of a service account, a profile, EKS' or ECS' agent."""
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
        if not profile and self._agent is not None and given.get(AGENT):
            return await self._of_agent(given[AGENT], self._agent)
        looked = "" if profile else f"AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE, {AGENT} and "
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

    async def _of_agent(self, url: str, agent: Egress) -> AwsCredentials:
        """Return what the agent on this machine gives: EKS Pod Identity, or ECS."""
        key = (AGENT, url, "")
        kept = self._lent.pop(key, None)
        if kept is None or kept.until - _BEFORE_THE_END <= self._clock.now():
            kept = await self._from_agent(url, agent)
        self._keep(key, kept)
        return kept.credentials

    async def _from_agent(self, url: str, agent: Egress) -> _Lent:
        shown = self._environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        if token_file := self._environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
            shown = await _read(token_file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        answer = await agent.request(
            "GET",
            url,
            headers={"Authorization": shown} if shown else {},
            seconds=_AGENT_SECONDS,
            most_bytes=1 << 16,
            follows=False,
        )
        try:
            found = json.loads(answer.body) if answer.status == 200 else {}
            lent = AwsCredentials(
                key_id=str(found["AccessKeyId"]),
                secret_key=str(found["SecretAccessKey"]),
                token=str(found["Token"]),
            )
            until = moments.read(found["Expiration"]) or self._clock.now()
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Unavailable(
                f"{AGENT}: {answer.url} answered {answer.status}, without credentials"
            ) from error
        return _Lent(lent, until)

    async def _of_role(
        self, own: AwsCredentials, role: str, profile: str, region: str
    ) -> AwsCredentials:
        asked = {"Action": "AssumeRole", "RoleArn": role, "RoleSessionName": _SESSION}
        return await self._lend((role, profile, region), asked, region, replace(own, region=region))

    async def _of_account(self, token_file: str, role: str, region: str) -> AwsCredentials:
        asked = {
            "Action": "AssumeRoleWithWebIdentity",
            "RoleArn": role,
            "RoleSessionName": _SESSION,
            "WebIdentityToken": await _read(token_file, "AWS_WEB_IDENTITY_TOKEN_FILE"),
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
        self._keep(key, kept)
        return kept.credentials

    def _keep(self, key: tuple[str, str, str], lent: _Lent) -> None:
        self._lent[key] = lent
        if len(self._lent) > _MOST_KEPT:
            self._lent.pop(next(iter(self._lent)))

    async def _asked(
        self, asked: Mapping[str, str], region: str, own: AwsCredentials | None
    ) -> _Lent:
        what = f"{asked['Action']} of {asked['RoleArn']}"
        text = await self._sts(asked, region, own, what)
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

    async def _sts(
        self, asked: Mapping[str, str], region: str, own: AwsCredentials | None, what: str
    ) -> str:
        """Return what AWS' service for credentials answers, in XML."""
        if not region:
            raise BadRequest("no AWS region is known: write the region, such as eu-central-1")
        usual = f"https://sts.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}/"
        named = self._environment.get("AWS_ENDPOINT_URL_STS")
        url = named or self._environment.get("AWS_ENDPOINT_URL") or usual
        body = urlencode({"Version": "2011-06-15", **asked}).encode()
        headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        if own is not None:
            headers += signature.headers(
                "POST", url, headers, body, credentials=own, service="sts", now=self._clock.now()
            )
        answer = await self._egress.request(
            "POST", url, headers=dict(headers), body=body, seconds=_SECONDS, most_bytes=1 << 16
        )
        text = answer.body.decode("utf-8", "replace")
        if answer.status != 200:
            said = _element(text, "Message") or _element(text, "Code")
            shown = mask(said, tuple(filter(None, (asked.get("WebIdentityToken"),))))
            told = f"{what}: HTTP {answer.status}: {messages.cut(messages.plain(shown), 500)}"
            raise (Forbidden if answer.status in (400, 403) else Unavailable)(told)
        return text


async def _read(file: str, variable: str) -> str:
    """Return the token in a file, which others write anew now and then. Raises Unavailable, naming the variable."""
    try:
        token = await asyncio.to_thread(reading.read, Path(file), _LARGEST_FILE)
    except OSError as error:
        raise Unavailable(f"{variable} cannot be read: {error.strerror or error}") from error
    return token.decode("ascii", "replace").strip()


def _element(text: str, name: str) -> str:
    """Return the text of the first element of a name, which has no others in it and is written as AWS writes it."""
    _, opening, rest = text.partition(f"<{name}>")
    return rest.partition(f"</{name}>")[0].strip() if opening else ""
