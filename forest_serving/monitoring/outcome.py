"""A request and how it ended, as far as it is counted and logged."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

Fields = Sequence[tuple[bytes, bytes]]
Client = Callable[[Fields], str]  # from header fields, which a proxy may have written, to the client's address


class Asked(Protocol):
    """A request."""

    @property
    def method(self) -> str:
        """HTTP's method."""
        ...

    @property
    def path(self) -> str:
        """The path, decoded."""
        ...

    @property
    def place(self) -> str:
        """The path, if it is one of ours; else a word for all others."""
        ...

    @property
    def fields(self) -> Fields:
        """The header fields."""
        ...


class RowLog(Protocol):
    """What keeps rows and their answers; prediction_log.log.PredictionLog says more.

    Attributes:
        kept_below: a request is to be kept if the CRC-32 of its id is below.
        n_rows: how many rows were written.
        dropped: how many were to be written and were not, by reason.
    """

    kept_below: float
    n_rows: int
    dropped: dict[str, int]

    def keep(self, noted: tuple[float, bytes, str, float, tuple[Any, Any]]) -> None:
        """Keep a request: when it was answered, its id and endpoint, how long it took, and what Outcome.asked is."""

    def flush(self) -> None:
        """Write what was kept; never wait."""


class Outcome(Protocol):
    """A reply, and why it is what it is."""

    @property
    def status(self) -> int:
        """HTTP's status."""
        ...

    @property
    def reason(self) -> str:
        """The name of the error that refused the request; empty if it was answered."""
        ...

    @property
    def fault(self) -> Exception | None:
        """What failed in this service; its traceback is logged."""
        ...

    @property
    def asked(self) -> tuple[Any, Any] | None:
        """The rows of doubles, shape (n_rows, n_features), and what was found for each, as lists or arrays.

        That is the position of its class, or a regressor's number. None if the request was not for predictions, or
        got none.
        """
        ...

    @property
    def marks(self) -> Sequence[float]:
        """The marks between its stages, as stages.py says; none if it predicts nothing."""
        ...
