"""Nodes of syntax trees to closures, a function for each; `compiler` has the table of them."""
