"""Receivers of messages: one module for each service, which puts a message into its form and says what came of it."""
