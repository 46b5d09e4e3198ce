"""The server itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sdk import answers
from towpath.sdk.call import ApiCall, Listing, described, listed
from towpath.sdk.paths import API, OWN, segment

if TYPE_CHECKING:
    from towpath.resources.document import Document


class ServerCalls:
    """Calls about the server itself."""

    @described
    def version(self) -> ApiCall[Document]:
        """Return what the server says of its version: `{version, buildDate, …}`."""
        return ApiCall(method="GET", path=f"{API}/system/server-version", read=answers.document)

    @described
    def doctor(self) -> ApiCall[Document]:
        """Return what is ill with the server and what to do about it: `{rev, at, ill, items: [{what, is, said, remedy}]}`."""
        return ApiCall(method="GET", path=f"{OWN}/doctor", read=answers.document)

    @listed
    def argocd_connections(self) -> Listing:
        """Return the connections to Argo CD and how they fare: `{name, by, state, error, latencyMilliseconds, …}`."""
        return Listing(path=f"{OWN}/argocd")

    @described
    def argocd_connection(self, name: str) -> ApiCall[Document]:
        """Return one of them."""
        return ApiCall(method="GET", path=f"{OWN}/argocd/{segment(name)}", read=answers.document)
