"""A client of Towpath's own API, with its own transport."""
