"""One ServiceNow instance: records of tables, and changes by their own API, which knows about their types.

Nothing is ever deleted or changed by a query: a record is named by its `sys_id`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.clients.trackers.servicenow import encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.trackers.asking import TrackerRequests

_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_TABLE: Final = re.compile(r"[a-z0-9_]{1,80}", re.ASCII)
_RECORDS: Final = "/api/now/table"
_CHANGES: Final = "/api/sn_chg_rest/change"
STANDARD: Final = "standard"

Record = dict[str, Any]


class ServiceNowApi:
    """One instance, in the name of one account. What each operation raises says `TrackerRequests.ask`.

    `change_type`: empty for the Table API, else `standard`, `emergency` or `normal`.
    """

    def __init__(self, requests: TrackerRequests) -> None:
        self.requests = requests

    @property
    def name(self) -> str:
        """As messages name it."""
        return self.requests.access.name

    async def create(
        self, table: str, values: Mapping[str, str], *, change_type: str = "", template: str = ""
    ) -> Record:
        """Make a record; return it as it was made. `template`: the standard change's, by its `sys_id`."""
        where = f"{_RECORDS}/{_table(table)}"
        if change_type == STANDARD:
            where = f"{_CHANGES}/{STANDARD}/{_id(template)}"
        elif change_type:
            where = f"{_CHANGES}/{change_type}"
        what = f"making a record of {table}"
        return self._one(await self.requests.ask("POST", where, what, body=values), what)

    async def update(
        self, table: str, sys_id: str, values: Mapping[str, str], *, change_type: str = ""
    ) -> Record:
        """Set fields of a record; return it as it is then."""
        what = f"changing record {sys_id} of {table}"
        where = self._place(table, sys_id, change_type)
        return self._one(await self.requests.ask("PATCH", where, what, body=values), what)

    async def delete(self, table: str, sys_id: str, *, change_type: str = "") -> None:
        """Delete a record."""
        where = self._place(table, sys_id, change_type)
        await self.requests.ask("DELETE", where, f"deleting record {sys_id} of {table}")

    async def record(self, table: str, sys_id: str) -> Record:
        """Return a record."""
        what = f"record {sys_id} of {table}"
        where = f"{_RECORDS}/{_table(table)}/{_id(sys_id)}"
        return self._one(await self.requests.ask("GET", where, what), what)

    async def find(self, table: str, query: str, *, most: int = 1) -> list[Record]:
        """Return the first records of a table that an encoded query matches."""
        asked = {
            "sysparm_query": query,
            "sysparm_limit": str(most),
            "sysparm_exclude_reference_link": "true",
        }
        what = f"looking for records of {table}"
        found = await self.requests.ask("GET", f"{_RECORDS}/{_table(table)}", what, query=asked)
        listed = found.get("result") if isinstance(found, dict) else None
        return [
            each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict)
        ][:most]

    async def fulfils(self, table: str, sys_id: str, condition: str) -> tuple[bool, str]:
        """Return whether a record fulfils a condition, and what it has in the fields that this names.

        The instance itself decides. Raises NotFound for no such record, BadRequest for fields that it does not have.
        """
        named = [each for each in encoded.fields(condition) if "." not in each]
        query = encoded.about(_id(sys_id), condition)
        found = await self.find(table, query)
        does = bool(found) and encoded.value_of(found[0].get("sys_id")) == sys_id
        record = found[0] if does else await self.record(table, sys_id)
        missing = [each for each in named if each not in record]
        if missing:
            # The instance would leave the term out, and say yes.
            raise errors.BadRequest(
                f"{self.name}: records of {table} have no field {', '.join(missing)}, which the condition names; "
                f"{messages.instead(missing[0], sorted(record))}"
            )
        held = [f"{each}={messages.cut(encoded.value_of(record[each]), 100)}" for each in named]
        number = encoded.value_of(record.get("number")) or sys_id
        return does, f"{number} has {', '.join(held)}"

    def _place(self, table: str, sys_id: str, change_type: str) -> str:
        if change_type:
            return f"{_CHANGES}/{change_type}/{_id(sys_id)}"
        return f"{_RECORDS}/{_table(table)}/{_id(sys_id)}"

    def _one(self, found: Any, what: str) -> Record:
        result = found.get("result") if isinstance(found, dict) else None
        if isinstance(result, list) and len(result) == 1:
            result = result[0]
        if not isinstance(result, dict):
            raise errors.Unsupported(
                f"{self.name}: {what}: answered without a record; check the address in {self.requests.access.source}"
            )
        return result


def is_id(text: str) -> bool:
    """Whether a text can be a `sys_id`."""
    return _ID.fullmatch(text) is not None


def _id(text: str) -> str:
    if not is_id(text):
        shown = messages.cut(messages.plain(text), 100)
        raise errors.BadRequest(
            f"{shown!r} is no sys_id: that has 32 digits of 0-9 and a-f; a number such as CHG0030001 is none"
        )
    return text


def _table(name: str) -> str:
    if not _TABLE.fullmatch(name):
        shown = messages.cut(messages.plain(name), 100)
        raise errors.BadRequest(f"{shown!r} is no name of a table; one is such as change_request")
    return name
