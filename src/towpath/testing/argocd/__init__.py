"""A bench for what Towpath makes of Argo CD's Applications: `python -m towpath.testing.argocd`.

It is for people who write a connection to an Argo CD, and for whoever wants to know what a step would do about an
Application of theirs. It reads lines of JSON, `{"op": …, "in": {…}}`, and answers each with a line, `{"value": …}` or
`{"error": "…"}`, in order; a line that cannot be understood is an error like any other, and nothing stops it. The steps are
the ones that run in Promotions, on an installation that lies in memory. `docs/reference/argocd-bench.md` has the questions.
"""

from towpath.testing.argocd.bench import Bench
from towpath.testing.argocd.in_memory import InMemoryArgoCD

__all__ = ["Bench", "InMemoryArgoCD"]
