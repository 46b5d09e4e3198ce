"""Which server a command speaks to, as whom, and where that is kept."""
