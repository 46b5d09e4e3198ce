"""The demo's Jira, and the Secrets by which steps reach it and the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.demo.jira.server import JiraServer
from towpath.demo.jira.site import JiraSite
from towpath.resources.labels import CREDENTIAL_TYPE

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.demo.chat import DemoChat

TRACKED: Final = "LMS"
"""Key of the project in Jira that gets the tickets."""


def jira(file: Path) -> JiraServer:
    """Return the demo's Jira, which goes on from what the file has."""
    site = JiraSite(file)
    site.project(TRACKED, "Learning platform")
    return JiraServer(site)


def secrets(project: str, jira: JiraServer, chat: DemoChat) -> list[dict[str, Any]]:
    """Return the Secrets of the example smoke-test-and-ticket."""
    channel = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "releases-channel", "namespace": project},
        "stringData": {"url": chat.url},
    }
    found = [jira.secret("jira", project), channel]
    for each in found:
        each["metadata"]["labels"] = {CREDENTIAL_TYPE: "generic"}
    return found
