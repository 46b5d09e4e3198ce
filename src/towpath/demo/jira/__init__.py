"""A stand-in for Jira, Cloud or Data Center: its API as far as promotions need it, and a board to look at in the browser.

For the demo, for tests and for benchmarks. `server.JiraServer` serves it, `site.JiraSite` is what it knows, `faults` what goes
wrong on demand.
"""
