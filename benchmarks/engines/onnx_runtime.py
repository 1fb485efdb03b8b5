"""ONNX Runtime, with what skl2onnx makes of a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from benchmarks.engines.models import trees_of
from benchmarks.engines.peers import ONNX, Peer, Way
from benchmarks.engines.subject import Subject
from forest_serving.engines.engine import Floats, Positions


def onnx_runtime(subject: Subject) -> Peer:
    """Return the model, its preprocessing included, in ONNX Runtime."""
    import onnxruntime
    from skl2onnx import to_onnx

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    fitted, types = subject.model.fitted, initial_types(subject)
    with _no_booleans():
        model = to_onnx(fitted, initial_types=types, options={id(trees_of(fitted)): {"zipmap": False}})
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    label, probabilities = (output.name for output in session.get_outputs())

    def form(rows: Floats) -> dict[str, Any]:
        if not isinstance(fitted, Pipeline):
            return {"X": np.float32(rows)}
        table = subject.inputs.frame(rows)
        return {name: _as_onnx(table[name]) for name, _ in types}

    def answers(rows: Floats) -> tuple[Floats, Positions]:
        labels, found = session.run([label, probabilities], form(rows))
        return found.astype(np.float64), np.searchsorted(trees_of(fitted).classes_, labels)

    way = Way(form, lambda inputs: session.run([probabilities], inputs)[0])
    return Peer(ONNX, way, way, answers)


def initial_types(subject: Subject) -> list[tuple[str, Any]]:
    """Return the model's inputs: one for all columns, or one each for those of a pipeline."""
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    features = subject.inputs.features
    if not isinstance(subject.model.fitted, Pipeline):
        return [("X", FloatTensorType([None, len(features)]))]
    kinds = {True: StringTensorType, False: FloatTensorType}
    return [(feature.name, kinds[bool(feature.categories)]([None, 1])) for feature in features]


def _as_onnx(column: Any) -> Any:
    values = column.to_numpy()
    return (values.astype(np.float32) if values.dtype.kind == "f" else values.astype(object)).reshape(-1, 1)


@contextmanager
def _no_booleans() -> Iterator[None]:
    """Write numbers where skl2onnx 1.20 gives booleans, of which current protobuf makes an error."""
    from skl2onnx.common import _container

    make_node = _container.make_node

    def with_numbers(*names: Any, **attributes: Any) -> Any:
        lists = {name: _numbers(each) if isinstance(each, list) else each for name, each in attributes.items()}
        return make_node(*names, **lists)

    _container.make_node = with_numbers
    try:
        yield
    finally:
        _container.make_node = make_node


def _numbers(values: list[Any]) -> list[Any]:
    return [int(value) if isinstance(value, bool | np.bool_) else value for value in values]
