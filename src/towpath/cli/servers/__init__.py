"""Commands about servers: signing in and out, choosing one, tokens of one's own."""
