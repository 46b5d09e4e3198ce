"""Git: mirrors, pooled work trees, commits and pushes, at the cost of what changed.

The way in is `repository.Repository`. Every call runs the system's `git` through `program.command.Git`, which
gives it a clean environment; `docs/explanation/git.md` says why it is shaped so.
"""
