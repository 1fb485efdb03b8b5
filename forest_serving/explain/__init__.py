"""Why a model answers a row as it does; docs/explanation/why-this-answer.md says what is computed, and why so.

    saving.py ── what reached each node ──→ archive.py ──→ bytes beside the engine, and back
    paths.py, quadrature.py ──→ the trees as edges, and points ──→ trees.py (explain.c, or NumPy) ───┐
    subsets.py: sums of the same by the cells of a decision table ──→ cells.py (explain.c, or NumPy) ┤
                                                             contributions.py ←──────────────────────┘
    candidates.py ──→ counterfactuals.py: the nearest value of each feature that changes the class
    table_lines.py: the same out of a decision table

explainer.py puts all of it together for whoever answers requests. Nothing else in the package needs this room, except
for protocols/explain.py, which speaks for it.
"""
