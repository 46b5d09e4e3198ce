"""The `towpath` command: one module per command, imported when it is called, in packages by what the commands are about."""
