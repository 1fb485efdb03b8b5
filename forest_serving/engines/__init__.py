"""Exact engines: arrays that answer as a scikit-learn forest does, to the last bit.

engine.py says what an engine is, boundaries.py why comparing doubles is enough; decision_table.py and flat_forest.py
are the two engines. oracle.py is all that is asked of scikit-learn, compile.py chooses an engine, proof.py shows that
it equals its forest, and archive.py turns it into a file and back. "python -m forest_serving.engines prove" repeats the
proof on the stored models.
"""

FORMAT = 1  # of stored engines; raise it when the meaning of an array changes
