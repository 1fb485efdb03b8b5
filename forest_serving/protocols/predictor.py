"""What a protocol asks of a model."""

from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any, NamedTuple
from typing import Protocol as Interface

import msgspec

from forest_serving import __version__
from forest_serving.card import Card, Label, Value
from forest_serving.protocols.endpoint import Headers, Intake, Reply
from forest_serving.rows.numbers import Array, Row, Rows
from forest_serving.rows.pieces import PIECE_BYTES, Reading
from forest_serving.rows.reader import RowReader
from forest_serving.rows.tensors import max_tensor_bytes
from forest_serving.settings import Settings
from forest_serving.turns import at_once


class Answers(Interface):
    """The answers to some rows; models.answers says what each method returns."""

    @property
    def results(self) -> Any: ...  # noqa: D102

    def __len__(self) -> int: ...

    def predictions(self) -> Sequence[Label]: ...  # noqa: D102

    def predictions_json(self) -> bytes: ...  # noqa: D102

    def prediction_array(self) -> Any: ...  # noqa: D102

    def part(self, start: int, stop: int) -> "Answers": ...  # noqa: D102


class ClassAnswers(Answers, Interface):
    """A classifier's answers."""

    @property
    def turn_rows(self) -> int: ...  # noqa: D102

    def names(self) -> list[str]: ...  # noqa: D102

    def names_json(self) -> bytes: ...  # noqa: D102

    def probability_array(self) -> Any: ...  # noqa: D102

    def probabilities_json(self) -> bytes: ...  # noqa: D102


class Predictor(Interface):
    """What answers rows; models.loaded_model.LoadedModel says what each method returns."""

    @property
    def card(self) -> Card: ...  # noqa: D102

    @property
    def version(self) -> str: ...  # noqa: D102

    def answer(self, rows: Rows, with_probabilities: bool = False) -> Answers: ...  # noqa: D102

    def is_quick(self, rows: Rows) -> bool: ...  # noqa: D102

    async def answer_in_turns(self, rows: Rows, with_probabilities: bool = False) -> Answers: ...  # noqa: D102

    async def answer_plane(self, row: Row, x: tuple[int, Array], y: tuple[int, Array]) -> Any: ...  # noqa: D102

    def describe(self) -> dict[str, Any]: ...  # noqa: D102


class Features(Interface):
    """Where rows are stored by id; features.source.Features says more."""

    def find(self, ids: Sequence[str]) -> "list[bytes | None] | Coroutine[Any, Any, list[bytes | None]]": ...  # noqa: D102


class Explanations(Interface):
    """Why some rows are answered as they are; explain.explainer.Explanations says what each is."""

    @property
    def base(self) -> Any: ...  # noqa: D102

    @property
    def contributions(self) -> Any: ...  # noqa: D102

    @property
    def counterfactuals(self) -> Sequence[Sequence[tuple[int, Value, int]]]: ...  # noqa: D102


class Explainer(Interface):
    """What explains answers; explain.explainer.Explainer says what each does."""

    @property
    def is_loaded(self) -> bool: ...  # noqa: D102

    @property
    def explains(self) -> str: ...  # noqa: D102

    @property
    def n_outputs(self) -> int: ...  # noqa: D102

    def load(self) -> None: ...  # noqa: D102

    def is_quick(self, n_rows: int) -> bool: ...  # noqa: D102

    def explain_in_turns(self, rows: Rows, with_counterfactuals: bool) -> Generator[None, None, Explanations]: ...  # noqa: D102


class Context(NamedTuple):
    """What a protocol is made for.

    Attributes:
        model: what answers.
        rows: what reads its rows.
        settings: the settings in force.
        features: where rows are stored; None if nowhere.
        explainer: what explains answers; None if the model was saved without what that needs.
    """

    model: Predictor
    rows: RowReader
    settings: Settings
    features: Features | None = None
    explainer: Explainer | None = None

    @property
    def card(self) -> Card:
        """The model's card."""
        return self.model.card

    @property
    def example(self) -> list[list[Value]]:
        """One row that works."""
        return [list(self.model.card.example)]

    @property
    def json_intake(self) -> Intake:
        """Bodies of JSON."""
        return Intake(self.settings.max_body_bytes)

    def tensor_intake(self, n_bytes: int, media_types: frozenset[bytes | None], sentence: str) -> Intake:
        """Return bodies of text, or of tensors whose rows have so many bytes; see Intake."""
        of_text = f"of text {self.settings.max_body_bytes:,}, FOREST_MAX_BODY_BYTES"
        variables = f"FOREST_MAX_TENSOR_ROWS; {of_text}"
        return Intake(max_tensor_bytes(self.settings, n_bytes), media_types, sentence, variables)

    @property
    def software_version(self) -> str:
        """The version of this software."""
        return __version__


Writing = Generator[None, None, Reply]  # of a long reply; yields about once in a millisecond


class Question(msgspec.Struct):
    """A request that was understood.

    Attributes:
        rows: what to answer.
        encode: from the answers to a reply: Answers, or ClassAnswers for a protocol that asks a classifier.
        with_probabilities: whether encode needs them.
    """

    rows: Rows
    encode: Callable[[Any], Reply | Writing]
    with_probabilities: bool = False


class Sought(msgspec.Struct):
    """A request for rows that are stored.

    Attributes:
        ids: under which.
        ask: from the rows to the question about them.
        fields: of the reply, if each is to have null where an id is unknown; else that is an error.
    """

    ids: list[str]
    ask: Callable[[Rows], Question]
    fields: tuple[str, ...] = ()


Understanding = Generator[None, None, Question]  # of a long body; yields about once in a millisecond
Decode = Callable[[Headers, bytes], Question | Understanding | Sought]


def understood(body: bytes, reading: Reading, ask: Callable[[Rows], Question]) -> Question | Understanding:
    """Return the question that is asked about a body's rows; a long body is read so that others have their turn."""
    return ask(at_once(reading)) if len(body) <= PIECE_BYTES else _understand(reading, ask)


def _understand(reading: Reading, ask: Callable[[Rows], Question]) -> Understanding:
    rows = yield from reading
    return ask(rows)
