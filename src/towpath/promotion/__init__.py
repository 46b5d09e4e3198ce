"""Promotion: runs the steps of one Promotion, keeps a journal of what it did outside, and goes on after a crash.

`step` is the contract of a step, `steps/` holds the built-in ones, `engine` runs them, `effects` are the clients
for the outside, `journal` remembers what was done with them. `docs/explanation/promotions.md` tells the story.
"""
