"""Issue trackers: Jira and ServiceNow, each by its own API, both asked in one way."""
