"""AWS: keys, their signatures, the server's own identity, and tokens for ECR."""
