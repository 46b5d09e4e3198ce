"""Connections to installations of Argo CD: who serves which Project, and what is known of their Applications."""
