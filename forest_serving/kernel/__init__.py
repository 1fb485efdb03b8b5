"""The native kernel, called by library.py: the inner loops of engines (engines.c), of rows and of replies (rows.c)."""
