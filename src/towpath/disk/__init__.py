"""Files of our own on this machine: written as a whole or not at all, and removed without blocking the event loop.

Nothing here knows what the files are for.
"""
