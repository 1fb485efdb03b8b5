"""From data to a model and a report about it."""
