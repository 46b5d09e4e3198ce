"""What screens are drawn from: the Board, the lens and the overview, made of facts that follow the store.

`live_projects` watches the store and keeps each `live_project` up to date, each read once by `loading`; `boards` makes documents of them
for what a caller may see (`seeing`), `answers` their bytes; `lenses` turns a Board to one Freight, `pasts` tells what was where at
a moment, `overviews` has all Projects; `channels` tells streams what changed, once for all who see the same.
"""
