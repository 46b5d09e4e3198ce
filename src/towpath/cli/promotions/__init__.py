"""Commands about Promotions: plan, promote, follow, retry, read the log."""
