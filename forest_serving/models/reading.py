"""A compiled model out of BentoML's store, as it was saved, or a sentence about what is wrong with it."""

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import bentoml
from bentoml.exceptions import BentoMLException

from forest_serving.card import Card, read_card, sha256_of_card
from forest_serving.engines import FORMAT
from forest_serving.errors import DamagedModel, ModelMissing
from forest_serving.models import versions

ENGINE_FILE = "engine.npz"
EXPLANATION_FILE = "explanation.npz"  # models that were saved before there was one have none
FORMAT_LABEL = "engine_format"
CARD_LABEL = "card_sha256"  # models that were saved before there was one have none
SUFFIX = "_compiled"


class Stored(NamedTuple):
    """A model in the store: its tag, "name:version", and its card."""

    tag: str
    card: Card


class Wanted(NamedTuple):
    """A model that is looked for: its tag as it was asked for, its folder, and the command that makes such a model."""

    tag: str
    folder: Path
    remedy: str

    @property
    def advice(self) -> str:
        """What to do if it is not there, or damaged."""
        return advice(self.tag, self.remedy)


def find(tag: str, remedy: str = "") -> tuple[Stored, bytes]:
    """Return a compiled model and the file of its engine; store.read says of which tags, and what it raises."""
    try:
        found = bentoml.Tag.from_str(versions.without_alias(tag))
    except (BentoMLException, ValueError):
        raise ModelMissing(f'No model can have the tag "{tag}". {advice("")}') from None
    wanted = Wanted(str(found), versions.store_folder() / found.name, remedy)
    try:
        if found.version in (None, versions.LATEST):
            return _newest(wanted)
        return _version(wanted, _called(wanted, found.version))
    except OSError as error:
        wrong = f'Model "{tag}" cannot be read: {error.strerror} ({error.filename})'
        raise DamagedModel(f"{wrong}. Let this user read it, or choose another BENTOML_HOME.") from None


def advice(tag: str, remedy: str = "") -> str:
    """Return the sentence that says how to get a model of a tag."""
    name, _, version = tag.partition(":")
    if version not in ("", "latest") or not name.endswith(SUFFIX):
        return 'Choose one that is there: "bentoml models list" shows them.'
    if remedy:
        return f"Run: {remedy}"
    name = name.removesuffix(SUFFIX)
    return f'Save one with forest_serving.save("{name}", …), or run: python -m forest_serving save FILE --name {name}'


def sha256(file: bytes) -> str:
    """Return a file's hash."""
    return hashlib.sha256(file).hexdigest()


def _newest(wanted: Wanted) -> tuple[Stored, bytes]:
    """Return what NAME/latest names; where that is nothing, as after a crash, the newest version that is whole."""
    if named := versions.latest(wanted.folder):
        return _version(wanted, named)
    known = versions.versions(wanted.folder)
    for version in known:
        with suppress(DamagedModel):
            return _version(wanted, version)
    if known:
        raise DamagedModel(f'No version of model "{wanted.tag}" can be used. {wanted.advice}')
    raise ModelMissing(f'No model "{wanted.tag}" in the BentoML store. {wanted.advice}')


def _called(wanted: Wanted, version: str) -> str:
    """Return the one version that is called so or, as BentoML has it, begins so."""
    if versions.is_version(wanted.folder / version):
        return version
    known = [other for other in versions.versions(wanted.folder) if other.startswith(version)]
    if len(known) != 1:
        raise ModelMissing(f'No model "{wanted.tag}" in the BentoML store. {wanted.advice}')
    return known[0]


def _version(wanted: Wanted, version: str) -> tuple[Stored, bytes]:
    """Return one version, once all of it was found to be what was saved."""
    tag, folder = f"{wanted.folder.name}:{version}", wanted.folder / version
    card = _card(tag, folder, wanted.advice)
    file = versions.contents(folder / ENGINE_FILE)
    if sha256(file) != card.engine_sha256:
        raise DamagedModel(f'The file of model "{tag}" is not the one that was saved. {wanted.advice}')
    return Stored(tag, card), file


def _card(tag: str, folder: Path, fix: str) -> Card:
    try:
        description = versions.describe(folder)
    except OSError:
        raise
    except Exception as error:  # model.yaml can be broken in as many ways as YAML knows
        raise DamagedModel(f'Model "{tag}" cannot be read ({type(error).__name__}). {fix}') from None
    try:
        card = read_card(description.metadata)
    except DamagedModel as error:
        raise DamagedModel(f'The card of model "{tag}" cannot be used: {error}. {fix}') from None
    labels = description.labels
    if (format_ := labels.get(FORMAT_LABEL)) != str(FORMAT):
        wrong = f'The engine of model "{tag}" has the format {format_}, but this software reads {FORMAT}'
        raise DamagedModel(f"{wrong}. {fix}")
    if f"{card.name}{SUFFIX}" != folder.parent.name or labels.get(CARD_LABEL) not in (
        None,
        sha256_of_card(description.metadata),
    ):
        raise DamagedModel(f'The card of model "{tag}" is not the one that was saved. {fix}')
    return card
