"""What `benchmarks.promotions` is made of."""
