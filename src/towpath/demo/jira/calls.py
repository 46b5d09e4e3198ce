"""A request of the API, taken apart, and how one is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.demo.jira.documents import Documents


class JiraRefused(Exception):  # noqa: N818 - an answer, not a fault
    """An answer that is not one of success."""

    def __init__(self, status: int, *said: str, **fields: str) -> None:
        super().__init__(*said)
        self.status = status
        self.document = {"errorMessages": list(said), "errors": fields}


@dataclass
class JiraCall:
    """A request, taken apart."""

    who: str
    method: str
    parts: list[str]
    query: dict[str, str]
    body: Any
    docs: Documents = field(repr=False)

    def object(self) -> dict[str, Any]:
        """Return the body, where it has to be an object."""
        if not isinstance(self.body, dict):
            raise JiraRefused(
                400, "Invalid request payload. Refer to the REST API documentation and try again."
            )
        return self.body
