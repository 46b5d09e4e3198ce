"""Gitea, and Forgejo, which speaks the same: pull requests, by the REST interface v1."""
