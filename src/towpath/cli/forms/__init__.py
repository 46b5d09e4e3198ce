"""The forms in which commands print: tables, JSON, YAML, templates in kubectl's two languages."""
