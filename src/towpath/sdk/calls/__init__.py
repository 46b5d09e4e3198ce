"""What can be asked of a server, described once: a module for each noun."""
