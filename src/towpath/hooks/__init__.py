"""Hooks: what follows when something happened, exactly once for each thing that did.

`happening` reads what happened from Events, `dispatcher` hands it to those who take it, from where they were.
"""
