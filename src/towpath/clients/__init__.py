"""The outside world: one client per protocol, each hiding its library behind our own types and errors.

`process` and `http` lie below the others; `git` and `oci` are strangers to one another. Every call has a deadline,
and no error text holds a secret.
"""
