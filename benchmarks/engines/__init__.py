"""Time the engines beside scikit-learn, ONNX Runtime and treelite, and count beside each time what differs.

    make bench-engines                                    # about ten minutes; the large forest is trained once
    make bench-engines ARGS="--quick --models iris wine"  # a look
    make bench-engines ARGS=--cpu                         # on a machine that is busy: processor time, not time

One thread; medians of rounds in which the peers take turns. Rows are ready in each peer's own form: float64 arrays,
float32 for ONNX Runtime, a DMatrix for what tl2cgen compiled, a list for what takes one row; treelite's are rounded to
float32 first where scikit-learn rounds them. All give probabilities, but for classify, which gives classes' positions.

models.py has the models, and subject.py compiles them; peers.py, onnx_runtime.py and treelites.py answer; rounds.py has
the clocks; differences.py counts; reach.py says what the figures must reach.
"""
