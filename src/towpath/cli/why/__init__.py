"""Why something does not move, as lines."""
