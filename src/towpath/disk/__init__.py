"""Files of our own on this machine: written so that they are whole, and taken away so that nothing stands still.

Nothing here knows what the files are for.
"""
