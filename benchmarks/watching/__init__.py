"""The benchmark of what watches the model, "make bench-watching": the page, drift and the prediction log, on and off.

subjects.py starts a server for each choice, with collector.py behind those that log to one; turns.py lets them take
turns, with the load generator and the figures of ../server; report.py says what was found. See ../README.md.
"""
