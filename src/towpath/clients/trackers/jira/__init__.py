"""Jira: Cloud, by version 3 of its API, and Data Center, by version 2."""
