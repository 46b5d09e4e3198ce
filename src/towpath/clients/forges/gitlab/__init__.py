"""GitLab: merge requests, by its REST interface v4."""
