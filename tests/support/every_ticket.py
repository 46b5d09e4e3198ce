"""The trackers of a Promotion that uses every step there is: their stand-ins, the steps about them, and what all that came to."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.servicenow import SnowInstance
from tests.support.tracker_contracts import JiraObserver, SnowObserver
from towpath.clients.trackers.jira.texts import as_text
from towpath.demo.jira.server import JiraServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEPS = """\
- uses: jira
  as: ticket
  config:
    credentials: {secretName: jira}
    createIssue:
      projectKey: SHOP
      summary: Release ${{ imageFrom('HOST/shop/web').Tag }}
      addFixVersions: ["${{ imageFrom('HOST/shop/web').Tag }}"]
- uses: jira
  as: remark
  config:
    credentials: {secretName: jira}
    commentOnIssue: {issueKey: "${{ outputs.ticket.key }}", body: "in ${{ ctx.stage }}"}
- uses: jira
  as: moved
  config:
    credentials: {secretName: jira}
    updateIssue: {issueKey: "${{ outputs.ticket.key }}", status: Released to preprod, addLabels: [preprod]}
- uses: snow-create
  as: change
  config:
    credentials: {secretName: servicenow, type: basic}
    tableName: change_request
    parameters: {short_description: "Release ${{ imageFrom('HOST/shop/web').Tag }}"}
    template: {type: normal}
- uses: snow-update
  config:
    credentials: {secretName: servicenow, type: api-token}
    tableName: change_request
    ticketId: ${{ outputs.change.sys_id }}
    parameters: {state: "-1"}
- uses: snow-wait-for-condition
  config:
    credentials: {secretName: servicenow, type: basic}
    tableName: change_request
    ticketId: ${{ outputs.change.sys_id }}
    condition: state=-1
- uses: snow-query-for-records
  as: known
  config:
    credentials: {secretName: servicenow, type: basic}
    tableName: change_request
    query: {number: "${{ outputs.change.number }}"}
- uses: snow-create
  as: mistake
  config:
    credentials: {secretName: servicenow, type: basic}
    tableName: change_request
    parameters: {short_description: a mistake}
- uses: snow-query-records
  config:
    credentials: {secretName: servicenow, type: basic}
    tableName: change_request
    query: {short_description: "${{ outputs.mistake.number == 'none' ? 'none' : 'a mistake' }}"}
- uses: snow-delete
  config:
    credentials: {secretName: servicenow, type: basic}
    tableName: change_request
    ticketId: ${{ outputs.mistake.sys_id }}
"""


@dataclass(frozen=True)
class Tickets:
    """The stand-ins of one run."""

    jira: JiraServer
    snow: SnowInstance
    jira_url: str
    """Where the first is reached."""
    snow_url: str

    @property
    def addresses(self) -> list[str]:
        """What steps have to reach, `HOST:PORT`."""
        return [url.partition("//")[2] for url in (self.jira_url, self.snow_url)]

    def secrets(self, namespace: str) -> list[dict[str, Any]]:
        """Return the Secrets with the accounts."""
        jira, snow = self.jira.secret("jira", namespace), self.snow.secret("servicenow", namespace)
        jira["stringData"]["domain"] = self.jira_url
        snow["stringData"]["instanceURL"] = self.snow_url
        return [jira, snow]

    def end(self) -> Any:
        """Return what it all came to, with nothing that differs from run to run."""
        issues = [
            [each.key, each.summary, each.status, each.labels, each.fix_versions]
            + [as_text(comment.body) for comment in each.comments]
            for each in self.jira.site.contents.issues.values()
        ]
        versions = [each.name for each in self.jira.site.project("SHOP").versions]
        records = {
            table: [
                {**each, "correlation_id": each["correlation_id"][:8]} for each in held.values()
            ]
            for table, held in self.snow.records.items()
        }
        return [issues, versions, records]


@contextlib.contextmanager
def serving(fronted: Callable[[str], str]) -> Iterator[Tickets]:
    """Run both."""
    asked, answered = JiraObserver(), SnowObserver()
    jira, snow = JiraServer(observe=asked), SnowInstance(observe=answered)
    jira.site.project("SHOP")
    try:
        yield Tickets(jira, snow, fronted(jira.url), fronted(snow.url))
    finally:
        jira.close()
        snow.close()
    assert asked.problems + answered.problems == [], asked.problems + answered.problems
