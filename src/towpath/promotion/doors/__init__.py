"""The doors that act: one module for each kind of effect, and the factory that makes those of a Promotion.

Each subclasses its protocol of `promotion.effects`, journals before it acts, and is held to the suite in
`tests/contract/doors` together with its counterpart in `recording`.
"""
