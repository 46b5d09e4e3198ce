"""Receivers of webhooks: whoever knows a receiver's address and secret has Warehouses and Promotions look at once.

`receiving` takes a delivery from its path to its answer: `receivers` finds whom it is for, `rules/webhooks` reads it,
`look_requests` has Warehouses look, which is on the disk before the answer, and `receipts` keeps what came of it.
"""
