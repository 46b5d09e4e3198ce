"""What a run was told in confidence stands in nothing that it says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from towpath.verification.known_secrets import MASK, MESSAGE_BYTES, KnownSecrets


def _knowing(*values: str) -> KnownSecrets:
    known = KnownSecrets()
    known.learn({str(number): value for number, value in enumerate(values)})
    return known


def test_values_are_masked_as_argo_rollouts_does_it() -> None:
    """Values are masked as argo rollouts does it."""
    assert MASK == "*****"
    assert _knowing("s3cr3t-token").message("got s3cr3t-token back") == "got ***** back"
    assert _knowing("s3cr3t-token").value('["s3cr3t-token"]') == '["*****"]'
    assert _knowing("s3cr3t-token").metadata({"s3cr3t-token": "by s3cr3t-token"}) == {
        "*****": "by *****"
    }


@given(st.text("ab3$", min_size=8, max_size=20), st.text("xyz", max_size=3 * MESSAGE_BYTES))
def test_no_cut_leaves_half_a_secret(secret: str, around: str) -> None:
    """No cut leaves half a secret."""
    said = _knowing(secret).message(around + secret + around)
    assert not any(secret[at : at + 4] in said for at in range(len(secret) - 3))
    assert len(said.encode()) <= MESSAGE_BYTES


def test_what_a_provider_notes_has_a_bound() -> None:
    """What a provider notes has a bound."""
    noted = KnownSecrets().metadata({f"k{number}": "v" * 100_000 for number in range(1000)})
    assert sum(len(name) + len(value) for name, value in noted.items()) < 200_000


def test_tokens_that_follow_one_another_are_known_while_they_may_be_repeated() -> None:
    """Each measurement may be given another: the last few are masked, and none of a long run makes it fail."""
    known = KnownSecrets()
    for number in range(20_000):
        known.learn_passing(f"token-{number:06d}-of-the-run")
    said = known.message("the server knows no token-019999-of-the-run, nor token-019990-of-the-run")
    assert said == "the server knows no *****, nor *****"
