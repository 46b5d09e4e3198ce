"""`make oracle`: the same transcripts of requests against a real Kubernetes API server and against ours."""
