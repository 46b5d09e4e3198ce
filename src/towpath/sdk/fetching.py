"""Fetches a file from an address that a person names, without any token of ours."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from typing import Final

from towpath import __version__, errors

_SECONDS: Final = 30.0
_SCHEMES: Final = ("http", "https")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the web only, and never from https to http."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the library's own
        """Return the next request. Raises BadRequest for an address that is not followed."""
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme not in _SCHEMES or (req.type == "https" and scheme == "http"):
            raise errors.BadRequest(
                f"{shown(req.full_url)}: it leads to {shown(newurl)}, which is not followed"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetched(address: str, most_bytes: int) -> bytes:
    """Return what is at an address; proxies are as the environment has them. Raises BadRequest, TooLarge, Unavailable, Timeout."""
    named = shown(address)
    try:
        parts = urllib.parse.urlsplit(address)
        is_web = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts = None
        is_web = False
    if parts is None or not is_web:
        raise errors.BadRequest(
            f"{named}: it is no address such as https://example.com/pipeline.yaml"
        )
    if parts.username is not None:
        raise errors.BadRequest(
            f"{named}: users and passwords in addresses are not sent; fetch it and pipe it in"
        )
    asked = urllib.request.Request(  # noqa: S310 - only the web's schemes come here
        address, headers={"User-Agent": f"towpath/{__version__}"}
    )
    opener = urllib.request.build_opener(_Redirects)
    try:
        with opener.open(asked, timeout=_SECONDS) as answer:
            content: bytes = answer.read(most_bytes + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise errors.BadRequest(
                f"{named}: cannot be fetched: {error.code} {error.reason}"
            ) from None
    except TimeoutError as error:
        raise errors.Timeout(f"{named}: no answer within {_SECONDS:g} seconds") from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise errors.Timeout(f"{named}: no answer within {_SECONDS:g} seconds") from error
        raise errors.Unavailable(f"{named}: cannot be fetched: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise errors.Unavailable(f"{named}: cannot be fetched: {error}") from error
    if len(content) > most_bytes:
        raise errors.TooLarge(f"{named}: it has more than {most_bytes:,} bytes")
    return content


def shown(address: str) -> str:
    """Return an address without a user, a password and what is asked of it."""
    scheme, _, rest = address.partition("://")
    where = rest.partition("?")[0].partition("#")[0]
    host, slash, path = where.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
