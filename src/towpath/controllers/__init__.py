"""What brings the objects of the store nearer to what is wanted: one package or module per kind."""
