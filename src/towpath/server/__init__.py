"""The HTTP server: authentication, health, and the APIs."""
