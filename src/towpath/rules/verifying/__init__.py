"""Verifications of what Stages hold: when they begin, what they are made of, and what they come to."""
