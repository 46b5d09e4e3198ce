"""Routing: what happened is told to the channels that EventRouters name, once for each of them."""
