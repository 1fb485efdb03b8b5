"""The page at /ui: its files, and what it asks of the server beside predictions."""
