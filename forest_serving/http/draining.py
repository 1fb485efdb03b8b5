"""Leaving without losing a request: after SIGTERM, answer for a while, and tell load balancers to go elsewhere."""


class Drain:
    """Whether this worker is leaving; host/stopping.py says when.

    Args:
        drain_s: seconds between SIGTERM and the server's own way of stopping.
    """

    def __init__(self, drain_s: float) -> None:
        self.drain_s = drain_s
        self.has_begun = False
