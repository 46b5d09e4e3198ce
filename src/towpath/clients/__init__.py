"""The outside world: one client per protocol, each hiding its library behind our own types and errors.

`process` (and later `http`) lie below the others; `git` and its siblings are strangers to one another
(DESIGN §3). Every call has a deadline, and no error text holds a secret.
"""
