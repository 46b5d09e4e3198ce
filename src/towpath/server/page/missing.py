"""The page of a server that has no built UI: what to do about it."""

from __future__ import annotations

from typing import Final

TEXT: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>Towpath: no web UI here yet</title>
</head>
<body>
<main>
<h1>The server runs. Its web UI is not built.</h1>
<p>If <code>make run</code> has just started it, the UI is being built beside it: this page looks again every 3 seconds.</p>
<p>In a checkout, <code>make ui</code> builds it (Node 20 or newer, or the one that it fetches); the server need not be
started anew. Wheels that are made after it bring it along.</p>
<p>Meanwhile the API and the command line work: <code>towpath get stages</code>.</p>
</main>
</body>
</html>
"""
