"""What looks at Git repositories need: the password of the test's server, and tags to find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.git_server import git

if TYPE_CHECKING:
    from tests.support.git_server import GitServer

NAME = "app.git"


class GitLogin:
    """Finds the password of the test's server, whatever is asked."""

    def __init__(self, server: GitServer) -> None:
        self.username = server.user
        self.password = server.password
        self.ssh_key = self.known_hosts = ""
        self.source = "shop/app"
        self.is_renewable = False

    async def find(self, *args: Any, **kwargs: Any) -> GitLogin:
        """Return it."""
        del args, kwargs
        return self


def tag(server: GitServer, name: str, commit: str, *, says: str = "", force: bool = False) -> None:
    """Give a commit of the repository a tag, annotated where it `says` something."""
    options = ["-a", "-m", says] if says else []
    git(server.path(NAME), "tag", *options, *(["--force"] if force else []), name, commit)
