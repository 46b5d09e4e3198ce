"""What the system says about files, as errors that name the path as the manifest does."""

from __future__ import annotations

from towpath.errors import BadRequest, NotFound, TowpathError


def unreadable(path: str, error: OSError) -> TowpathError:
    """Return what to raise for a file or folder that could not be read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return NotFound(f"{path}: there is no such file in the work directory")
    if isinstance(error, IsADirectoryError):
        return BadRequest(f"{path} is a directory, not a file")
    return BadRequest(f"{path} cannot be read: {error.strerror}")


def unwritable(path: str, error: OSError) -> BadRequest:
    """Return what to raise for a file or folder that could not be written."""
    return BadRequest(f"{path} cannot be written: {error.strerror}")
