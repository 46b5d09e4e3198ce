"""ServiceAccount: a caller that is a program."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.event import ObjectReference
from towpath.resources.fields import Field
from towpath.resources.meta import LocalObjectReference, Resource


class ServiceAccount(Resource):
    """A caller that is a program."""

    secrets: Annotated[
        list[ObjectReference],
        Field("Secrets it may use.", list_type="map", list_map_keys=("name",)),
    ] = []
    image_pull_secrets: Annotated[
        list[LocalObjectReference], Field("Secrets for pulling images.", list_type="atomic")
    ] = []
    automount_service_account_token: Annotated[
        bool | None, Field("Whether its token is put into pods.")
    ] = None
