"""What an operator's configuration says: a module for each part of the file, and `operator`, which reads all of it.

Each part says itself what is wrong with it: `problems` yields the key and why, in the words of `wrong`.
"""
