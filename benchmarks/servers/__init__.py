"""HTTP servers for Python, the same small application on each, and callers who mean well or not."""
