"""A secret that a child process reads as a file, held in memory only.

The file has no name on any disk: the child opens `/proc/<our pid>/fd/<n>`, which only our own user may do,
and which is gone as soon as the block ends.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def holding(text: str) -> Iterator[str]:
    """Yield a path under which `text` can be read (mode 0600, as ssh demands of keys)."""
    descriptor = os.memfd_create("towpath", os.MFD_CLOEXEC)
    try:
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, text.encode("utf-8", "surrogateescape"))
        yield f"/proc/{os.getpid()}/fd/{descriptor}"
    finally:
        os.close(descriptor)
