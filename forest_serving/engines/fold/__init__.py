"""Preprocessing folded into the splits: raw columns in, and what the trees compare as functions of one column each.

    a model ── ways.py ──→ its way to the trees ── folding.py ──→ Inputs: features, columns, trees

matrices.py walks through pipelines and what they are made of; numbers.py, gaps.py and encoders.py know what single
steps do to single columns (columns.py), which slices.py cuts out of scikit-learn's own; ends.py knows what the trees do
first. sources.py finds out what each column of X may hold, frames.py makes tables of it for the whole model. cuts.py
and domain.py search the doubles (doubles.py). Nothing here is needed to serve.
"""

from forest_serving.engines.fold.folding import Derived, Inputs, RawColumn, fold, raw_columns

__all__ = ["Derived", "Inputs", "RawColumn", "fold", "raw_columns"]
