"""Work trees of a mirror: kept for the next promotion, checked out at the cost of what changed."""
