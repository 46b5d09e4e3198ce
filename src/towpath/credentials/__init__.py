"""From a repository's URL to the credential for it, and the one function that opens a Secret's values."""
