"""Which authorities certify the servers that are reached: those of the machine, and those that the operator adds."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from pathlib import Path


def context(bundle: Path | None) -> ssl.SSLContext | None:
    """Return what TLS connections are made with that trust the authorities of a file as well, in PEM.

    None, for no file, stands for the machine's alone. Raises BadRequest, with the cause, for a file that cannot be read or
    holds none.
    """
    if bundle is None:
        return None
    made = ssl.create_default_context()
    try:
        made.load_verify_locations(cafile=bundle)
    except ssl.SSLError as error:
        raise errors.BadRequest(
            f"{bundle} holds no certificates in PEM: give the authority's, from -----BEGIN CERTIFICATE----- on"
        ) from error
    except OSError as error:
        raise errors.BadRequest(f"{bundle} cannot be read: {error.strerror or error}") from error
    return made
