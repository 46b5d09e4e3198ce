"""git, the program: how it is run, with which secrets, and what a killed one leaves."""
