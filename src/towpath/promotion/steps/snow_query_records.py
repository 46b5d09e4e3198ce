"""`snow-query-records`: `snow-query-for-records` by the name that examples call it by."""

from __future__ import annotations

from typing import ClassVar

from towpath.promotion.snow_querying import SnowQuery


class SnowQueryRecords(SnowQuery):
    """Finds the first record whose fields have some values."""

    name: ClassVar[str] = "snow-query-records"
