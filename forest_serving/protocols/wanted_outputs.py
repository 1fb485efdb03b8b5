"""Which outputs of the Open Inference Protocol a request wants."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import msgspec

from forest_serving.errors import InvalidInstances
from forest_serving.protocols.endpoint import Reply
from forest_serving.protocols.predictor import Writing
from forest_serving.rows.tensor_values import check_not_shared
from forest_serving.rows.words import shown


class _Output(msgspec.Struct):
    name: str
    parameters: dict[str, Any] | None = None


Outputs = Annotated[list[_Output], msgspec.Meta(max_length=1000)] | None  # as a request lists them


def wanted(outputs: Outputs, parameters: Mapping[str, Any] | None, offered: Sequence[str]) -> dict[str, bool]:
    """Return the names of the outputs that a request wants, in order, and whether each shall be bytes.

    Args:
        outputs: those that it lists; without any it wants all.
        parameters: the request's.
        offered: the names of what there is.

    Raises:
        InvalidInstances: if one is not offered, or not in the way that it is asked for.
    """
    if parameters:
        check_not_shared(parameters, "The request", "send data in the body")
    by_default = _flag(parameters, "binary_data_output", False) if parameters else False
    if not outputs:
        return dict.fromkeys(offered, by_default)
    found: dict[str, bool] = {}
    for output in outputs:
        _check(output, offered)
        if output.name in found:
            raise InvalidInstances(f'The output "{output.name}" is asked for twice; ask once.')
        found[output.name] = _flag(output.parameters, "binary_data", by_default) if output.parameters else by_default
    return found


def _check(output: _Output, offered: Sequence[str]) -> None:
    name = output.name
    if name not in offered:
        is_regressor = name == "predict_proba" and "predict" in offered
        why = ": this model is a regressor and has no probabilities" if is_regressor else ""
        raise InvalidInstances(f'There is no output "{shown(name)}"{why}; ask for {" or ".join(offered)}.')
    if output.parameters:
        if "classification" in output.parameters:
            raise InvalidInstances(f'"classification" is not offered; ask for {offered[-1]}.')
        check_not_shared(output.parameters, f'Output "{name}"', "ask for it without")


def _flag(parameters: Mapping[str, Any], name: str, default: bool) -> bool:
    flag = parameters.get(name, default)
    if not isinstance(flag, bool):
        raise InvalidInstances(f'The parameter "{name}" must be true or false.')
    return flag


class Wish(msgspec.Struct):
    """What a request wants.

    Attributes:
        are_bytes: the outputs, as wanted() returns them.
        has_bytes: whether any shall be bytes.
        has_probabilities: whether they are wanted.
        of_one: the reply to one row, with places for the id and each output's data; empty if it is not all JSON.
        tell: makes the reply to a request without an id that wants one output in JSON; None for others.
    """

    are_bytes: Mapping[str, bool]
    has_bytes: bool
    has_probabilities: bool
    of_one: bytes
    tell: Callable[[Any], Reply | Writing] | None = None
