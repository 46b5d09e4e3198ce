"""Commands about objects of any kind: get, create, update, delete, refresh, wait."""
