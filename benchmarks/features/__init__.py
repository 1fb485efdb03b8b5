"""The benchmark of rows by id, "make bench-features": stores beside one another, and beside others' ways to ask them.

stores.py starts and fills what is asked; subjects.py says who asks; cases.py lets all take turns, with the servers,
the load generator and the figures of ../server; hanging.py looks at rows while ids wait; reach.py says what is to be
reached, and report.py shows it all. See ../README.md.
"""
