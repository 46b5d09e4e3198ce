"""Repository addresses in one form: what decides names of Freight and which Secret belongs to a repository."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.credentials.lookup import Candidate, choose
from towpath.resources.freight import Freight
from towpath.resources.structs import view
from towpath.rules.freight_name import freight_name
from towpath.versions import go_urls
from towpath.versions.urls import normalize_chart, normalize_git, normalize_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.credentials.lookup import Type


@pytest.mark.parametrize(
    ("url", "form"),
    [
        # Over HTTP: without the user, one slash at the end and `.git`.
        ("https://git.example", "https://git.example"),
        ("https://git.example/", "https://git.example"),
        ("HTTPS://ana:pw@Git.Example:8443/Team/Repo.git/", "https://git.example:8443/team/repo"),
        ("https://git.example/a.git.git", "https://git.example/a.git"),
        ("https://git.example/a//", "https://git.example/a/"),
        # Paths are escaped, and an escape that was needless goes only where the path changes.
        ("https://git.example/My Project/app", "https://git.example/my%20project/app"),
        ("https://git.example/My%20Project/app", "https://git.example/my%20project/app"),
        ("https://git.example/caf\u00e9.git", "https://git.example/caf%C3%A9"),
        ("https://git.example/a%2Fb", "https://git.example/a%2fb"),
        ("https://git.example/a%2Fb.git", "https://git.example/a/b"),
        ("https://git.example/it's[1]", "https://git.example/it's[1]"),
        ("https://git.example/it's[1].git", "https://git.example/it%27s%5B1%5D"),
        # Fragments stay, queries make it no address.
        ("https://git.example/r.git#Main", "https://git.example/r#main"),
        ("https://git.example/r#a b", "https://git.example/r#a%20b"),
        ("https://git.example/R?x=1", "https://git.example/R?x=1"),
        ("https://git.example/R.git?", "https://git.example/r?"),
        ("ssh://git.example/R?x=1", "ssh://git.example/R?x=1"),
        # SSH keeps the user; `[user@]host[:path]` is SSH.
        ("ssh://Git@git.example:22/Team/repo.git", "ssh://git@git.example:22/team/repo"),
        ("ssh://git.example/", "ssh://git.example"),
        ("git@git.example:team/repo.git/", "ssh://git@git.example/team/repo"),
        ("git@git-host.example:team/repo", "ssh://git@git-host.example/team/repo"),
        ("git.example:team/repo", "ssh://git.example/team/repo"),
        ("git@git.example", "ssh://git@git.example"),
        ("git.example", "ssh://git.example"),
        ("git@git.example:", "ssh://git@git.example"),
        ("git@git.example:My Team/repo", "ssh://git@git.example/my%20team/repo"),
        ("git@git.example:/srv/repo.git", "ssh://git@git.example//srv/repo"),
        ("git@git.example:r#X", "ssh://git@git.example/r#x"),
        # What cannot be printed is dropped, blanks around it too.
        (" \ufeffhttps://git.example/re\u200bpo\n", "https://git.example/repo"),
        ("\u00a0git@git.example:r\t", "ssh://git@git.example/r"),
        # What is no address stays to the letter.
        ("Not a URL", "Not a URL"),
        ("https://Not a URL", "https://Not a URL"),
        ("https://git.example/%zz/R", "https://git.example/%zz/R"),
        ("https://Git.example:port/r", "https://Git.example:port/r"),
        ("https://[::1]:80/R.git", "https://[::1]:80/r"),
        ("https://[no]/R", "https://[no]/R"),
        ("ssh://a b@Git.example/r", "ssh://a b@Git.example/r"),
        ("first.last@git.example:R", "first.last@git.example:R"),
        ("", ""),
    ],
)
def test_git(url: str, form: str) -> None:
    """Two ways to write one repository have one form."""
    assert normalize_git(url) == form


DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("nginx", "nginx"),
        ("NGINX", "nginx"),
        ("docker.io/library/nginx", "nginx"),
        ("index.docker.io/Library/nginx", "nginx"),
        ("registry-1.docker.io/nginx", "nginx"),
        ("library/nginx", "nginx"),
        ("docker.io/acme/app", "acme/app"),
        ("GHCR.io/Acme/App", "ghcr.io/acme/app"),
        ("registry.example:5000/acme/app", "registry.example:5000/acme/app"),
        ("localhost/app", "localhost/app"),
        ("acme/app:1.0", "acme/app"),
        (f"acme/app@{DIGEST}", "acme/app"),
        (f"acme/app:1.0@{DIGEST.upper()}", "acme/app"),
        (" \ufeffghcr.io/a/b\u200b\n", "ghcr.io/a/b"),
        # No reference: unchanged, to the letter.
        ("Acme App", "Acme App"),
        ("ghcr.io/A", "ghcr.io/A"),
        ("ghcr.io/A/B:", "ghcr.io/A/B:"),
        ("ghcr.io/A/B@sha256:0A", "ghcr.io/A/B@sha256:0A"),
        ("ghcr.io/A/" + "b" * 300, "ghcr.io/A/" + "b" * 300),
        ("A!b/c", "A!b/c"),
        ("", ""),
    ],
)
def test_image(url: str, form: str) -> None:
    """As go-containerregistry reads references."""
    assert normalize_image(url) == form


@pytest.mark.parametrize(
    ("url", "form"),
    [
        (" OCI://Docker.io/Acme/Chart ", "acme/chart"),
        ("oci://registry.example/acme/chart:1.0", "registry.example/acme/chart"),
        ("HTTPS://Charts.Example/Stable/", "https://charts.example/stable/"),
        ("https://charts.example:8443/x", "https://charts.example:8443/x"),
        ("https://charts.exam\u200bple/A b", "https://charts.example/a b"),
    ],
)
def test_chart(url: str, form: str) -> None:
    """In lower case, without `oci://`, then as an image."""
    assert normalize_chart(url) == form


@pytest.mark.parametrize(
    ("written", "asked", "type_"),
    [
        ("https://git.example/My Project/app", "https://git.example/My%20Project/app", "git"),
        ("https://git.example/My%20Project/app.git", "https://git.example/my project/app", "git"),
        ("\ufeffgit@git.example:a", "ssh://git@git.example/a.git", "git"),
        ("GHCR.io/Acme/App", "ghcr.io/acme/app:1", "image"),
    ],
)
def test_a_secret_is_found_however_the_address_is_written(
    written: str, asked: str, type_: Type
) -> None:
    """Both sides are compared in one form; what has none is compared to the letter."""
    candidate = Candidate("a", written)
    assert choose([candidate], type_, asked) is candidate
    assert (
        choose([Candidate("a", "https://git.example/R?x")], "git", "https://git.example/r?x")
        is None
    )


def test_a_space_in_an_address_names_the_same_freight() -> None:
    """The name is made of the form, not of what was written."""

    def name(url: str) -> str:
        document = {
            "origin": {"kind": "Warehouse", "name": "w"},
            "commits": [{"repoURL": url, "id": "1"}],
        }
        return freight_name(view(Freight, document))

    assert name("https://git.example/a b.git") == name("https://Git.example/a%20b")


@given(st.text(max_size=40))
def test_any_text_has_a_form_and_one_in_clean_letters_keeps_it(text: str) -> None:
    """Nothing fails, and a form is its own."""
    for normalize in (normalize_git, normalize_image, normalize_chart):
        normalize(text)
    image = normalize_image(text)
    assert normalize_image(image) == image


_NAME = st.text("abcz019-_", min_size=1, max_size=8)


@given(_NAME, st.lists(_NAME, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_case_suffix_and_slash_do_not_count(
    host: str, path: list[str], has_suffix: bool, has_slash: bool
) -> None:
    """Over HTTP and SSH, in both of its spellings."""
    plain = "/".join(path)
    tail = (".git" if has_suffix else "") + ("/" if has_slash else "")
    for base in (f"https://{host}/", f"ssh://git@{host}/", f"git@{host}:"):
        assert normalize_git((base + plain).upper() + tail) == normalize_git(base + plain)
        assert normalize_git(normalize_git(base + plain)) == normalize_git(base + plain)


@pytest.mark.parametrize("text", ["a:/b", "http:opaque", "//h/p", "a/b", "./a:b", "*", "http:/x"])
def test_other_urls_come_back_as_they_were(text: str) -> None:
    """Written anew they are the same."""
    assert str(go_urls.parse(text)) == text


@pytest.mark.parametrize("normalize", [normalize_git, normalize_image, normalize_chart])
@pytest.mark.parametrize("begin", ["", "https://h/", "git@h:", "ghcr.io/"])
def test_no_address_of_any_length_is_kept(normalize: Callable[[str], str], begin: str) -> None:
    """Four thousand of a mebibyte each, out of payloads of webhooks, would be gigabytes."""
    url = begin + "a" * 100_000
    before = sys.getrefcount(url)
    assert normalize(url) == normalize(url)
    assert sys.getrefcount(url) == before
