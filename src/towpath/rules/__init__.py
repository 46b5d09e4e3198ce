"""What is decided: pure functions of resources and the time. They do no I/O, read no clock, use no asyncio."""
