"""People whom an identity provider vouches for (OpenID Connect): any provider that can be discovered."""
