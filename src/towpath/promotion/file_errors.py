"""What the system says about files, as errors that name the path as the manifest does."""

from __future__ import annotations

from towpath.disk import naming
from towpath.errors import BadRequest, NotFound, TowpathError, Unavailable


def unreadable(path: str, error: OSError) -> TowpathError:
    """Return what to raise for a file or folder that could not be read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return NotFound(f"{path}: there is no such file in the work directory")
    if isinstance(error, IsADirectoryError):
        return BadRequest(f"{path} is a directory, not a file")
    return BadRequest(f"{path} cannot be read: {error.strerror}")


def unwritable(path: str, error: OSError) -> TowpathError:
    """Return what to raise for a file or folder that could not be written. That there is no room may pass."""
    if naming.is_full(error):
        return Unavailable(f"{path} cannot be written: {naming.remedy(error)}")
    return BadRequest(f"{path} cannot be written: {error.strerror}")
