"""The errors that clients and operators are told. Each message is one sentence that says how to fix the fault.

ForestError
├── RequestError            the client's fault; becomes an HTTP reply
│   ├── MalformedJson       400
│   ├── InvalidInstances    400
│   ├── FeaturesOff         400
│   ├── KeyRefused          401
│   ├── WriteRefused        403
│   ├── UnknownPath         404
│   ├── UnknownIds          404
│   ├── WrongMethod         405
│   ├── NotAcceptable       406
│   ├── BodyTooSlow         408
│   ├── HeadTooSlow         408
│   ├── AlreadyStored       409
│   ├── Changed             412
│   ├── BodyTooLarge        413
│   ├── TooManyRows         413
│   ├── TargetTooLong       414
│   ├── WrongMediaType      415
│   ├── UnfitRecord         422
│   ├── NoCondition         428
│   ├── TooManyUploads      429
│   ├── TooManyPictures     429
│   ├── HeadTooLarge        431
│   ├── BuffersFull         503
│   ├── Leaving             503
│   ├── SourceDown          503
│   ├── SourceBusy          503
│   └── SourceTooSlow       504
└── OperatorError           the operator's fault, who trains, builds or starts; one sentence on stderr, exit code not 0
    ├── BadTrainingData
    ├── NotCompilable
    ├── ProofFailed
    ├── ModelMissing
    ├── ModelNotSaved
    ├── DamagedModel
    ├── BadLog
    ├── BadSetting
    ├── BadFeaturesFile
    └── StoreNotWritten
"""

from collections.abc import Mapping
from typing import ClassVar

Loc = tuple[str | int, ...]  # where in the body, outermost first: ("instances", 0, 2)


class ForestError(Exception):
    """Any error below."""


class RequestError(ForestError):
    """A request that cannot be answered.

    Args:
        message: one sentence: what was wrong, where, and how to fix it.
        loc: the place in the body, outermost first; empty if the fault is not in the body.
        headers: headers that HTTP wants beside this status, such as Allow.
    """

    status: ClassVar[int] = 400
    is_general: ClassVar[bool] = True  # whether any path may refuse so; else OpenAPI has it only where an endpoint says

    def __init__(self, message: str, loc: Loc = (), headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.loc = loc
        self.headers = headers or {}


class MalformedJson(RequestError):
    """The body cannot be read as JSON."""


class InvalidInstances(RequestError, ValueError):  # as a ValueError it is also pydantic's: 400 from the typed API
    """The body can be read, but is not rows that the model answers."""


class FeaturesOff(RequestError):
    """Rows are asked for by id, and no store of features is chosen."""

    is_general = False


class KeyRefused(RequestError):
    """The request has no API key, or a wrong one."""

    status = 401


class WriteRefused(RequestError):
    """The API key may read, but not write."""

    status = 403
    is_general = False


class UnknownPath(RequestError):
    """Nothing is at this path."""

    status = 404


class UnknownIds(RequestError):
    """Nothing is stored under an id."""

    status = 404
    is_general = False


class WrongMethod(RequestError):
    """The path exists, but not with this method."""

    status = 405


class NotAcceptable(RequestError):
    """The Accept header excludes every format that this path answers in."""

    status = 406


class BodyTooSlow(RequestError):
    """The body did not arrive in time."""

    status = 408


class HeadTooSlow(RequestError):
    """The request line and the headers did not arrive in time."""

    status = 408


class AlreadyStored(RequestError):
    """Something is stored under an id that was to be new."""

    status = 409
    is_general = False


class Changed(RequestError):
    """What is stored under the id is not what If-Match or If-None-Match say."""

    status = 412
    is_general = False


class BodyTooLarge(RequestError):
    """The body is longer than the limit."""

    status = 413


class TooManyRows(RequestError):
    """The body holds more rows than the limit."""

    status = 413


class TargetTooLong(RequestError):
    """The path and query are longer than the limit."""

    status = 414


class WrongMediaType(RequestError):
    """The body is in a format, or compressed in a way, that this path does not read."""

    status = 415


class UnfitRecord(RequestError):
    """A record is not a row that the model answers: a feature is missing, or is not what its column takes."""

    status = 422
    is_general = False


class NoCondition(RequestError):
    """A change of what is stored needs If-Match, so that nobody else's change is lost."""

    status = 428
    is_general = False


class TooManyUploads(RequestError):
    """As many large bodies as allowed are arriving already."""

    status = 429


class TooManyPictures(RequestError):
    """As many pictures as allowed wait to be drawn already."""

    status = 429
    is_general = False


class HeadTooLarge(RequestError):
    """The request has more headers, or longer ones, than the limit."""

    status = 431


class BuffersFull(RequestError):
    """Bodies and replies on their way take all the memory set aside for them."""

    status = 503


class Leaving(RequestError):
    """The server was told to stop and takes no new clients."""

    status = 503


class SourceDown(RequestError):
    """The store of features cannot be asked now."""

    status = 503
    is_general = False


class SourceBusy(RequestError):
    """As many ids as allowed are waiting for the store of features already."""

    status = 503
    is_general = False


class SourceTooSlow(RequestError):
    """The store of features did not answer in time."""

    status = 504
    is_general = False


class OperatorError(ForestError):
    """A fault that the operator, who runs a command, can fix."""


class BadTrainingData(OperatorError):
    """The training data cannot be used as it is."""


class NotCompilable(OperatorError):
    """The forest is of a kind that no engine reproduces exactly, or does not fit the engine asked for."""


class ProofFailed(OperatorError):
    """A compiled engine differs from its forest somewhere."""


class ModelMissing(OperatorError):
    """The BentoML store has no such model."""


class ModelNotSaved(OperatorError):
    """The BentoML store could not be written; what was in it before is served as before."""


class DamagedModel(OperatorError):
    """A stored model is not what was saved, or was saved by something else."""


class BadLog(OperatorError):
    """What is to be reported on is no prediction log, or its labels cannot be read."""


class BadSetting(OperatorError):
    """An environment variable has a value that cannot be used."""


class BadFeaturesFile(OperatorError):
    """A file of features cannot be loaded as it is; nothing was stored."""


class StoreNotWritten(OperatorError):
    """A store of features could not be written; what was in it before is in it still."""
