"""python -m forest_serving new FOLDER --model NAME: write a small project of your own that serves a stored model."""

import argparse
import json
import re
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from string import Template

from forest_serving import __version__
from forest_serving.card import Card
from forest_serving.command_line import model_name
from forest_serving.errors import OperatorError
from forest_serving.models.store import newest_card

TEMPLATES = Path(__file__).parent / "project"
# A folder that Python takes for one of these modules would hide it.
_TAKEN = {"bentoml", "forest_serving", "service"}
# With this, a template's last method begins, which a regressor's service does not have.
_PROBABILITIES = "\n    @bentoml.api(input_spec=MODEL.Request, output_spec=MODEL.Probabilities)"


def main(arguments: list[str]) -> int:
    """Write the project; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m forest_serving new", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write it, such as churn_service; must not hold anything")
    parser.add_argument("--model", type=model_name, required=True, help="the name that the model is saved under")
    parsed = parser.parse_args(arguments)
    folder, model = parsed.folder, parsed.model
    check_folder(folder, model)
    card = newest_card(model)
    write_project(folder, model, card)
    print(welcome(folder, model, card))
    return 0


def bento_name(model: str, card: Card | None) -> str:
    """Return the name of a model's Bento; one that is not stored yet is taken for a classifier."""
    return f"{model}_{card.kind if card else 'classifier'}"


def class_name(model: str, card: Card | None = None) -> str:
    """Return the name of a model's service: "credit_risk" becomes "CreditRiskClassifier"."""
    words = "".join(word[:1].upper() + word[1:] for word in re.split("[_-]", bento_name(model, card)))
    return f"{'Model' if words[0].isdigit() else ''}{words}"


def check_folder(folder: Path, model: str) -> None:
    """Raise OperatorError unless a project can be written into the folder and served from beside it."""
    name = folder.absolute().name
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        raise OperatorError(f"A project's folder must be called by letters, digits, _, - and ., not {name[:40]!r}.")
    if name in _TAKEN | {f"{model}_classifier", f"{model}_regressor"}:
        raise OperatorError(f'Python would take the folder "{name}" for another module; call it {name}_project.')
    if (folder.exists() or folder.is_symlink()) and (not folder.is_dir() or any(folder.iterdir())):
        raise OperatorError(f'"{folder}" exists and is not empty; name a new folder.')


def write_project(folder: Path, model: str, card: Card | None) -> None:
    """Write the files of a project for a model, whose card there is if it is stored."""
    values = {
        "model": model,
        "class_name": class_name(model, card),
        "bento": bento_name(model, card),
        "version": __version__,
        "example": shlex.quote(json.dumps({"instances": [list(card.example) if card else ["…"]]})),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for template in sorted(TEMPLATES.glob("*.template")):
        text = template.read_text(encoding="utf-8")
        if card and not card.is_classifier:
            text = text.partition(_PROBABILITIES)[0]
        (folder / template.stem).write_text(Template(text).substitute(values), encoding="utf-8")


def how_to_install() -> str:
    """Return the lines that install the package, or "" where it is installed."""
    try:
        distribution("forest-serving")
    except PackageNotFoundError:
        wheel = f"pip install dist/forest_serving-{__version__}-py3-none-any.whl"
        return f"\n  make wheel    Python finds the package in this folder only\n  {wheel}"
    return ""


def welcome(folder: Path, model: str, card: Card | None) -> str:
    """Return what was made and what to do next."""
    save = "" if card else f"\n  forest_serving.save({model!r}, fitted_model, X)    in Python: no such model is stored"
    return f"""
  project  {folder}: the service {class_name(model, card)}, its Bento and one test
{save}{how_to_install()}
  cd {folder}
  bentoml serve
"""
