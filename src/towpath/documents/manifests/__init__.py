"""Streams of rendered manifests: their documents, what each is, and the file that it goes into."""
