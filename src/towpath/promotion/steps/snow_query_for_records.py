"""`snow-query-for-records`: finds a record of ServiceNow."""

from __future__ import annotations

from typing import ClassVar

from towpath.promotion.snow_querying import SnowQuery


class SnowQueryForRecords(SnowQuery):
    """Finds the first record whose fields have some values."""

    name: ClassVar[str] = "snow-query-for-records"
