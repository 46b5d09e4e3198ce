"""The gates: what must be so before Freight comes into a Stage, a module for each family of them.

One list says whether Freight may move and, if not, why not. Admission, auto-promotion, `explain` and the CLI read it, and
whoever is refused reads the same words. For users it is told in `docs/reference/gates.md`.

`availability` is about the Freight, `stage` about the Stage, `window` about the time, `steps` about what a Promotion would run, `automatic` about
promoting without being asked, `turn` about when a Promotion would begin, `sources` about where newer Freight comes from;
`listing` puts them together.
"""
