"""Doors that do nothing outside: they record what would be done, in order. They are the plan.

What needs no more than reading a repository is done, in a work directory that is thrown away. What needs an answer that
nobody has yet raises `Unanswered`.
"""
