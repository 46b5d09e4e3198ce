"""`http-download`: fetches a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath.errors import AlreadyExists, BadRequest, Forbidden, TooLarge
from towpath.promotion import http_answer
from towpath.promotion.effects.http import HttpRequest
from towpath.promotion.http_fields import DURATION, HttpHeader, HttpQueryParam, pairs, seconds
from towpath.promotion.step import BaseStep, Errored, Failed, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_MOST_BYTES: Final = 100 << 20
_TIMEOUT_SECONDS: Final = 300.0


class HttpDownloadConfig(Struct, kw_only=True):
    """What to fetch, and where to put it."""

    url: Annotated[str, Field("The file's address.", min_length=1)]
    out_path: Annotated[str, Field("Where it is to be, in the work directory.", min_length=1)]
    allow_overwrite: Annotated[
        bool | None, Field("Whether a file that is there may be replaced.")
    ] = None
    headers: Annotated[list[HttpHeader] | None, Field("Headers of the request.")] = None
    query_params: Annotated[
        list[HttpQueryParam] | None, Field("Parameters, added to those of the URL.")
    ] = None
    insecure_skip_tls_verify: Annotated[bool | None, Field("Whether any certificate will do.")] = (
        None
    )
    timeout: Annotated[str | None, Field("How long it may take; 5m.", pattern=DURATION)] = None


class HttpDownload(BaseStep):
    """Fetches a file."""

    name: ClassVar[str] = "http-download"
    config: ClassVar[type[Struct]] = HttpDownloadConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: HttpDownloadConfig) -> Outcome:
        """Fetch it; it is there whole, or not at all."""
        is_new = not config.allow_overwrite
        try:
            request = HttpRequest(
                url=config.url,
                headers=pairs(config.headers),
                query=pairs(config.query_params),
                seconds=seconds("timeout", config.timeout, _TIMEOUT_SECONDS),
                most_bytes=_MOST_BYTES,
                insecure=bool(config.insecure_skip_tls_verify),
            )
            answer = await context.effects.http.download(request, config.out_path, is_new=is_new)
        except AlreadyExists:
            said = f"{config.out_path} is there already; set allowOverwrite: true to replace it"
            return Errored(message=said, final=True)
        except (BadRequest, Forbidden) as error:
            return Errored(message=error.message, final=True)
        except TooLarge as error:
            return Failed(message=error.message)
        if answer.status not in http_answer.SUCCESSES:
            said = http_answer.no_success(answer.status)
            return Failed(message=said, counts=True)
        return Succeeded(message=f"{config.out_path}: {answer.size:,} bytes")
