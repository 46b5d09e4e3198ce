"""A bench for the rules by which measurements become a verdict: `python -m towpath.testing.analysis`.

It is for people who write AnalysisTemplates, and for whoever wants to know what a run would come to. It reads lines of JSON,
`{"op": …, "in": {…}}`, and answers each with a line, `{"value": …}` or `{"error": "…"}`, in order; a line that cannot be
understood is an error like any other, and nothing stops it. The rules are those of real runs, in virtual time.
`docs/reference/analysis-bench.md` has the questions.
"""

from towpath.testing.analysis.bench import AnalysisBench

__all__ = ["AnalysisBench"]
