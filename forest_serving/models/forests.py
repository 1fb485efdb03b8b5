"""The scikit-learn model that a compiled one came from: a pickle, for people who retrain, inspect or prove."""

import io
from typing import Any

import bentoml
from bentoml.exceptions import BentoMLException

from forest_serving.card import Card
from forest_serving.errors import DamagedModel, ModelMissing
from forest_serving.models import versions
from forest_serving.models.reading import sha256

FOREST_FILE = "saved_model.pkl"  # as bentoml.sklearn calls it


def load_forest(card: Card) -> Any:
    """Return the scikit-learn model that a compiled one came from. Loading it, a pickle, can run code.

    Raises:
        ModelMissing: if the store has it no more.
        DamagedModel: if its pickle is not the one whose hash is in the card; then nothing of it was loaded.
    """
    import joblib  # only where models are trained

    pickled = forest_file(card)
    try:
        return joblib.load(io.BytesIO(pickled))  # as bentoml.sklearn does, but the very bytes whose hash was taken
    except Exception as error:  # whatever its classes raise in other versions of Python and scikit-learn
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        fix = "Use the versions of Python and scikit-learn that saved it"
        raise DamagedModel(f'Model "{card.forest}" cannot be loaded ({reason}). {fix}.') from None


def forest_file(card: Card) -> bytes:
    """Return the pickle of the forest that a compiled model came from; raises as load_forest does."""
    missing = f'No model "{card.forest}" in the BentoML store; only the store that trained it has it.'
    try:
        file = versions.contents(versions.store_folder() / bentoml.Tag.from_str(card.forest).path() / FOREST_FILE)
    except (BentoMLException, ValueError):
        raise ModelMissing(missing) from None
    except OSError as error:
        raise DamagedModel(f'Model "{card.forest}" cannot be read: {error.strerror} ({error.filename}).') from None
    if not file:
        raise ModelMissing(missing)
    again = f"Save the model {card.name} again"
    if not card.forest_sha256:
        why = "its hash was not kept when it was saved, by an older version of this software"
        raise DamagedModel(f'The pickle of model "{card.forest}" is not loaded: {why}. {again}.')
    if sha256(file) != card.forest_sha256:
        why = "it is not the one that was saved"
        raise DamagedModel(f'The pickle of model "{card.forest}" is not loaded: {why}. {again}.')
    return file
