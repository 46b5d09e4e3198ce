"""Commands that move or stop many Stages at once, by the route `moves`."""
