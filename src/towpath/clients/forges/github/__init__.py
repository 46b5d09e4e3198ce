"""GitHub: github.com, GitHub Enterprise Cloud with data residency, and GitHub Enterprise Server."""
