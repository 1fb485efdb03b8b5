"""Where rows come from when a client sends ids: one interface (source.py), a source for each kind of store.

A source gives what is stored under ids, as JSON objects {feature: value}; it knows no model. Sources that have to wait
are asked for the ids of many requests together (fetching.py). FOREST_FEATURES chooses one (choice.py).
"""
