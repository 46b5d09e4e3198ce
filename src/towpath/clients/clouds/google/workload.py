"""The identity that Google Cloud gave this machine: GKE's workload identity, or the service account of a virtual machine.

Source: cloud.google.com, "About VM metadata", "Create short-lived credentials for a service account".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from towpath import errors, messages
from towpath.clients.clouds import asking
from towpath.clients.clouds.asking import Question
from towpath.clients.clouds.google.account_key import SCOPE
from towpath.clients.kept_tokens import GivenToken
from towpath.resources import moments

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clock import Clock

_BASE: Final = "computeMetadata/v1"
_FLAVOUR: Final = {"Metadata-Flavor": "Google"}
_CREDENTIALS: Final = "https://iamcredentials.googleapis.com"
_SECONDS: Final = 5.0
_PROJECT: Final = re.compile(r"[a-z0-9:.-]{1,100}", re.ASCII)


class GoogleWorkload:
    """Asks Google's metadata server, and lends accounts of Projects by it."""

    def __init__(
        self,
        egress: Egress,
        agent: Egress,
        clock: Clock,
        *,
        place: str,
        credentials_url: str = _CREDENTIALS,
    ) -> None:
        """`agent`: the way to the metadata server, which is at `place`; `credentials_url`: where accounts are lent."""
        self._egress = egress
        self._agent = agent
        self._clock = clock
        self._place = place
        self._credentials = credentials_url.rstrip("/")
        self._cloud_project = ""

    async def token(self) -> GivenToken:
        """Return the token of this machine's service account. Raises what `asking.ask` raises."""
        question = self._question("instance/service-accounts/default/token")
        found = await asking.ask(self._agent, question)
        text = asking.text(found, "access_token", question)
        return GivenToken(text, asking.ends(found, self._clock.now()))

    async def lent(self, account: str) -> GivenToken | None:
        """Return the token of an account of our Google project; None if there is none that we may take.

        `account`: what stands before the `@`.
        """
        own = await self.token()
        email = f"{account}@{await self._project()}.iam.gserviceaccount.com"
        question = Question(
            what=f"a token for {email}",
            url=f"{self._credentials}/v1/projects/-/serviceAccounts/{email}:generateAccessToken",
            headers={"Authorization": f"Bearer {own.text}", "Content-Type": "application/json"},
            body=json.dumps({"scope": [SCOPE]}).encode(),
        )
        asking.refuse_plain(self._egress, question.url, question.what)
        try:
            found = await asking.ask(self._egress, question)
        except errors.Forbidden:
            return None
        text = asking.text(found, "accessToken", question)
        return GivenToken(text, moments.read(found.get("expireTime")))

    async def _project(self) -> str:
        """Return the Google project that this machine is of; it stays the same."""
        if not self._cloud_project:
            question = self._question("project/project-id")
            answer = await self._agent.request(
                question.method,
                question.url,
                headers=question.headers,
                seconds=_SECONDS,
                most_bytes=1 << 10,
                follows=False,
            )
            found = answer.body.decode("ascii", "replace").strip()
            if answer.status != 200 or not _PROJECT.fullmatch(found):
                said = messages.foreign(found, most_bytes=100)
                raise errors.Unavailable(f"{question.what}: {answer.status} {said}")
            self._cloud_project = found
        return self._cloud_project

    def _question(self, path: str) -> Question:
        return Question(
            what="Google's metadata server",
            url=f"http://{self._place}/{_BASE}/{path}",
            method="GET",
            headers=_FLAVOUR,
            seconds=_SECONDS,
        )
