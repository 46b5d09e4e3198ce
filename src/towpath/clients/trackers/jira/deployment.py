"""Whether a Jira is of the Cloud or a Data Center: told by the Secret, by the host, else by the server itself."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from towpath.clients.trackers.asking import TrackerRequests

CLOUD: Final = "cloud"
DATA_CENTER: Final = "datacenter"
_OF_CLOUD: Final = (".atlassian.net", ".jira.com")
_GATEWAY: Final = "api.atlassian.com"
_MOST_KNOWN: Final = 500


class Deployments:
    """Which kind each server is, by its address; what a server said is kept."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, bool] = OrderedDict()

    async def is_cloud(self, requests: TrackerRequests, host: str, said: str) -> bool:
        """Return whether it is of the Cloud. `said`: what the Secret has under `deployment`; empty: nothing.

        Raises BadRequest for another word, and what asking raises.
        """
        word = said.strip().lower().replace("-", "").replace(" ", "").replace("_", "")
        if word in (CLOUD, DATA_CENTER, "server"):
            return word == CLOUD
        if word:
            raise errors.BadRequest(
                f"{requests.access.source}: deployment: {said[:100]!r} is neither {CLOUD} nor {DATA_CENTER}"
            )
        if host.endswith(_OF_CLOUD) or host == _GATEWAY:
            return True
        base = requests.access.base
        if base not in self._known:
            self._known[base] = await _asked(requests)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return self._known[base]


async def _asked(requests: TrackerRequests) -> bool:
    """Ask the server: the Cloud has both versions of the API, a Data Center the second alone."""
    what = "looking which Jira it is"
    try:
        await requests.ask("GET", "/rest/api/3/serverInfo", what)
    except (errors.NotFound, errors.BadRequest, errors.Unsupported):
        found = await requests.ask("GET", "/rest/api/2/serverInfo", what)
        return isinstance(found, dict) and str(found.get("deploymentType")).lower() == CLOUD
    return True
