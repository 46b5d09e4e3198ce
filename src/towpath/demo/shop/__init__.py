"""The demo's shop: two products in three regions, and the three weeks that lie behind them.

`story` says what people and CI did, and when; `making` has the engine live through it; `regions` stands for what runs there.
"""
