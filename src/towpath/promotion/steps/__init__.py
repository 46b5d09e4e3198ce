"""The built-in steps, one module each; siblings never import one another."""
