"""What is where and what may come, for a terminal: the board, the inbox, a search."""
