"""The trees of a compiled forest, in the arrays that the kernel reads."""

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.arrays import check, take
from forest_serving.engines.columns import LEAF
from forest_serving.engines.engine import Arrays, Floats

NODE = np.dtype([("rank", "<u2"), ("column", "<u2"), ("left", "<u4")])


class Trees(NamedTuple):
    """Trees, one behind the other.

    Attributes:
        nodes: shape (n_nodes,), NODE. A row whose rank in the column is at most the node's goes to the left child, any
            other to the next one, the right child. A leaf has the rank LEAF, so that walking on stays there.
        value_of: shape (n_nodes,), uint32, the row in values of each leaf; 0 for other nodes.
        roots: shape (n_trees,), uint32, each tree's first node.
        output: shape (n_trees,), uint32, the first output that each tree adds to.
        values: shape (n_values, width), the distinct values of leaves; a tree adds to width outputs.
        base: shape (n_outputs,), what the sums begin with.
    """

    nodes: NDArray[Any]
    value_of: NDArray[np.uint32]
    roots: NDArray[np.uint32]
    output: NDArray[np.uint32]
    values: Floats
    base: Floats

    @classmethod
    def of(  # noqa: PLR0913, PLR0917 - one for each array of the file
        cls,
        rank: NDArray[Any],
        column: NDArray[Any],
        child: NDArray[Any],
        roots: NDArray[Any],
        output: NDArray[Any],
        values: Floats,
        base: Floats,
    ) -> Self:
        """Return trees from the arrays of a file, where a leaf's child is its row in values."""
        leaf = rank == LEAF
        nodes = np.empty(len(rank), NODE)
        nodes["rank"], nodes["column"] = rank, column
        nodes["left"] = np.where(leaf, np.arange(len(rank)), child)
        value_of = np.where(leaf, child, 0).astype(np.uint32)
        return cls(nodes, value_of, roots, output, values, base)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of a file."""
        leaf = self.nodes["rank"] == LEAF
        return {
            "node_rank": np.ascontiguousarray(self.nodes["rank"]),
            "node_column": np.ascontiguousarray(self.nodes["column"]),
            "node_child": np.where(leaf, self.value_of, self.nodes["left"]),
            **{name: getattr(self, name) for name in ("roots", "output", "values", "base")},
        }


def take_trees(arrays: Arrays, n_columns: int) -> Trees:
    """Return the trees of a file.

    Raises:
        DamagedModel: if a walk could leave them or go on for ever.
    """
    rank, column = take(arrays, "node_rank", "u2", 1), take(arrays, "node_column", "u2", 1)
    child, roots = take(arrays, "node_child", "u4", 1), take(arrays, "roots", "u4", 1)
    output, values, base = (
        take(arrays, "output", "u4", 1),
        take(arrays, "values", "f8", 2),
        take(arrays, "base", "f8", 1),
    )
    n_nodes, leaf = len(rank), rank == LEAF
    check(0 < n_nodes == len(column) and column.max() < n_columns, "node_column")
    check(0 < len(roots) <= n_nodes and roots.max() < n_nodes, "roots")
    check(values.size > 0 and np.isfinite(values).all(), "values")
    check(len(base) > 0 and np.isfinite(base).all(), "base")
    check(len(output) == len(roots) and output.max() <= len(base) - values.shape[1], "output")
    left = child[~leaf].astype(np.int64)
    check(len(child) == n_nodes and child[leaf].max(initial=0) < len(values), "node_child")
    check((left > np.flatnonzero(~leaf)).all() and left.max(initial=-1) < n_nodes - 1, "node_child")
    # Each node is a root or the child of one node before it, so that every walk ends, and soon.
    parents = np.bincount(np.concatenate([roots, left, left + 1]), minlength=n_nodes)
    check((parents == 1).all(), "node_child")
    return Trees.of(rank, column, child, roots, output, values, base)
