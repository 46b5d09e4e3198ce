"""History: what happened, kept after the objects are gone.

Rows are written in the same transaction as the write they follow from, so they can neither be missing
nor tell of something that was rolled back. `derive` (below) is the pure rule that says which rows a
write gives rise to; a store applies it and keeps the rows.
"""
