"""Who calls: tokens of the administrator and of ServiceAccounts, and whom a caller speaks for."""
