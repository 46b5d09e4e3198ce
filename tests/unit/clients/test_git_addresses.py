"""Repository URLs: which pass, how they are shown, where they lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.clients.git.access import addresses
from towpath.clients.git.access.credential import GitCredential


@pytest.mark.parametrize(
    ("url", "scheme", "host", "wire"),
    [
        ("https://github.com/o/r.git", "https", "github.com", "https://github.com/o/r.git"),
        ("http://h:8080/o/r", "http", "h:8080", "http://h:8080/o/r"),
        ("https://ana@h/r", "https", "h", "https://h/r"),
        ("https://[::1]:8443/r", "https", "[::1]:8443", "https://[::1]:8443/r"),
        ("ssh://git@h:2222/r", "ssh", "h:2222", "ssh://git@h:2222/r"),
        ("git@github.com:o/r.git", "ssh", "github.com", "git@github.com:o/r.git"),
        ("h:r", "ssh", "h", "h:r"),
    ],
)
def test_accepted_urls(url: str, scheme: str, host: str, wire: str) -> None:
    """They are shown as written; git is given them without the user, where a credential names one."""
    address = addresses.parse(url)
    assert (address.scheme, address.host, address.wire, str(address)) == (scheme, host, wire, url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "-oProxyCommand=x",
        "ext::sh -c x",
        "ext::sh",
        "fd::1",
        "file:///etc",
        "git://h/r",
        "ftp://h/r",
        "https://",
        "https://h",
        "https://h/",
        "https://-h/r",
        "ssh://-oProxyCommand=x/r",
        "-h:r",
        "a@-h:r",
        "h:-r",
        "https://h/r\n",
        "https://h/ r",
        "https://h/r?x",
        "https://h/r#x",
        "/etc/passwd",
        "../r",
        "https://h:port/r",
        "https://[::1/r",
        "https://h/" + "x" * 2048,
        "ssh://-u@h/r",
    ],
)
def test_refused_urls(url: str) -> None:
    """Transport helpers, options in disguise, local paths, and what is no URL."""
    with pytest.raises(errors.BadRequest, match="repository URL"):
        addresses.parse(url)


def test_file_urls_need_leave() -> None:
    """They are absolute and name no host."""
    assert addresses.parse("file:///srv/r.git", allow_file=True).path == "/srv/r.git"
    with pytest.raises(errors.BadRequest, match="file:///ABSOLUTE"):
        addresses.parse("file://h/r", allow_file=True)


_WORD = st.text("abcXYZ019-._~", min_size=8, max_size=20)


@given(_WORD, _WORD, st.sampled_from(["https", "http", "ssh"]))
def test_a_password_in_a_url_is_used_and_never_shown(user: str, password: str, scheme: str) -> None:
    """It is in no text made of the address, nor in an error."""
    user = user.lstrip("-") or "u"
    password = password + "!secret"
    address = addresses.parse(f"{scheme}://{user}:{password}@host/team/repo.git")
    assert (address.user, address.password) == (user, password)
    assert password not in str(address) + repr(address) + address.wire
    with pytest.raises(errors.BadRequest) as caught:
        addresses.parse(f"{scheme}://{user}:{password}@host/?x")
    assert password not in str(caught.value)


@given(st.text(max_size=30))
def test_any_text_passes_or_is_refused(text: str) -> None:
    """Nothing else can happen, and stripping never fails."""
    addresses.strip_password(text)
    try:
        address = addresses.parse(text)
    except errors.BadRequest:
        return
    assert address.scheme in ("http", "https", "ssh")
    assert not address.wire.startswith("-")


def test_the_longest_base_wins_as_in_git() -> None:
    """One rewrite, not a chain; what matches nothing stays."""
    rewrites = addresses.Rewrites.of(
        {
            "http://mirror:1/": ["https://github.com/", "git@github.com:"],
            "http://team:2/": ["https://github.com/team/"],
            "https://never/": ["http://mirror:1/"],
        }
    )

    def leads(url: str) -> str:
        return rewrites.transport(addresses.parse(url)).text

    assert leads("https://github.com/a/b.git") == "http://mirror:1/a/b.git"
    assert leads("git@github.com:a/b.git") == "http://mirror:1/a/b.git"
    assert leads("https://github.com/team/b.git") == "http://team:2/b.git"
    assert leads("https://gitlab.com/a") == "https://gitlab.com/a"


def test_rewrites_that_contradict_are_refused() -> None:
    """An empty base would match everything; one base cannot lead to two places."""
    with pytest.raises(errors.BadRequest, match="empty base"):
        addresses.Rewrites.of({"http://m/": [""]})
    with pytest.raises(errors.BadRequest, match="twice"):
        addresses.Rewrites.of({"http://m/": ["https://a/"], "http://n/": ["https://a/"]})
    reckless = addresses.Rewrites.of({"ext::sh -c ": ["https://a/"]})
    with pytest.raises(errors.BadRequest):
        reckless.transport(addresses.parse("https://a/b"))


def test_credentials_are_told_apart_without_being_shown() -> None:
    """Parts cannot be shifted between fields; repr shows none of them."""
    one, two = (
        GitCredential(username="ab", password="c"),
        GitCredential(username="a", password="bc"),
    )
    assert one.identity != two.identity
    secret = GitCredential(username="u", password="pa55", ssh_key="k3y")
    assert "pa55" not in repr(secret)
    assert "k3y" not in repr(secret)
    with pytest.raises(errors.BadRequest, match="line break"):
        GitCredential(username="u\nhost=evil", password="x")
