"""Names of entries in archives: whoever made one says what they are, so that each is looked at before it is used. Pure."""

from __future__ import annotations

_ABOVE = ".."


def inside(name: str) -> tuple[str, ...] | None:
    """Return the names that an entry lies under in the folder that is unpacked into; None for one that leads elsewhere.

    Elsewhere lead absolute names, `..`, and backslashes, which are separators to some. Empty names and `.` say nothing.
    """
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    leads_out = name.startswith("/") or "\\" in name or "\0" in name or _ABOVE in parts
    return None if leads_out else parts
