"""What a promotion would do: the same engine runs the same steps against doors that only record."""
