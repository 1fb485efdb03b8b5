"""Exact engines: arrays that answer as a scikit-learn tree model does, its preprocessing included, to the last bit.

    a model ── unpacking.py, fold/ ──→ its trees, and what they see of raw columns
            ── ensembles.py ─────────→ the trees of any family in one form
            ── questions.py ─────────→ what they ask of raw values
            ── compile.py ───────────→ an engine ── archive.py ──→ bytes, and back
                                          └─ proof.py (oracle.py): equal to the model for every row

engine.py says what an engine is. forest.py (columns.py, trees.py, links.py) and decision_table.py (tabulate.py,
cells.py) are the two that there are. The inner loops are the kernel's. walks.py and cell_search.py call it,
or do the same with NumPy. arrays.py checks what a file holds. What answers requests needs NumPy
only, never scikit-learn. "python -m forest_serving prove" repeats the proof.
"""

FORMAT = 2  # of stored engines; raise it when the meaning of an array changes
