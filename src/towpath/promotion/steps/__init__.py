"""The built-in steps, one module each; siblings never import one another.

Each has its page in `docs/reference/steps/`.
"""
