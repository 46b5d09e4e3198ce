"""Variables that steer what runs a container, and not only what runs in it.

Whoever writes a template names variables and gives values. Those of loaders, interpreters and of the tools that run containers say
which code is run, where it is connected to and what it reads: with them, a program of the operator's list would be any program.
"""

from __future__ import annotations

from typing import Final

_NAMES: Final = frozenset({
    # the C library and shells
    "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "LOCPATH", "NLSPATH", "ENV", "IFS", "PS4", "CDPATH", "FPATH",
    "SHELLOPTS", "PROMPT_COMMAND", "ZDOTDIR", "SHELL",
    # interpreters, and tools that start others by what variables say
    "CLASSPATH", "GODEBUG", "R_HOME", "R_LIBS", "R_PROFILE", "R_PROFILE_USER", "R_ENVIRON", "R_ENVIRON_USER",
    "TCLLIBPATH", "ERL_FLAGS", "ERL_AFLAGS",
    "ERL_ZFLAGS", "EDITOR", "VISUAL", "PAGER", "MANPAGER", "BROWSER", "LESSOPEN", "LESSCLOSE", "MAKEFLAGS",
    # where configuration, keys and temporary files are
    "PATH", "HOME", "TMPDIR", "TMP", "TEMP", "CURL_HOME", "WGETRC", "NETRC", "SSLKEYLOGFILE", "SSL_CERT_FILE",
    "SSL_CERT_DIR", "KUBECONFIG",
    # the way to the network
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY",
    # services that were asked to start something
    "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
})  # fmt: skip
_PREFIXES: Final = (
    "LD_", "DYLD_", "GLIBC_", "MALLOC_", "GCONV_", "BASH",
    "PERL5", "PERLLIB", "PERL_", "PYTHON", "RUBY", "GEM_", "BUNDLE_", "NODE_", "NPM_CONFIG_", "LUA_", "PHPRC", "PHP_INI",
    "GUILE_", "JULIA_", "JAVA_", "_JAVA_", "JDK_", "DOTNET_", "CORECLR_", "COR_", "COMPLUS_", "DENO_",
    "GIT_", "SSH_", "RSYNC_", "XDG_", "OPENSSL_", "GNUTLS_",
    "DOCKER_", "CONTAINER_", "CONTAINERS_", "_CONTAINERS_", "PODMAN_", "BUILDAH_", "STORAGE_", "REGISTRY_", "REGISTRIES_",
    "NETAVARK_", "CONMON", "CRUN_", "RUNC_", "DBUS_",
)  # fmt: skip


def steers(name: str) -> bool:
    """Whether a variable may steer what runs a container, by its name."""
    upper = name.upper()
    return upper in _NAMES or upper.startswith(_PREFIXES)
