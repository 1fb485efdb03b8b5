"""Exact engines: arrays that answer as a scikit-learn forest does, to the last bit.

    a model ── oracle.py ──→ its forest ── compile.py ──→ an engine ── archive.py ──→ bytes, and back
                                                              └─ proof.py: equal to the forest for every row

engine.py says what an engine is. decision_table.py (with cells.py and intervals.py) and flat_forest.py are the two that
there are. boundaries.py says why comparing doubles is enough, labels.py which labels there are, ways_out.py what to do
with a model that cannot be compiled, and arrays.py checks what a file holds. All that is asked of scikit-learn is asked
in oracle.py; what answers requests needs NumPy only. "python -m forest_serving prove" repeats the proof.
"""

FORMAT = 2  # of stored engines; raise it when the meaning of an array changes
