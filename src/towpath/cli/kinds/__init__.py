"""The kinds that commands name: their words, and the columns of their tables."""
