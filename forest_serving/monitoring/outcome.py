"""How a request ended, as far as it is counted and logged."""

from typing import Any, Protocol


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
