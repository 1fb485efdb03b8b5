"""python -m forest_serving features: load features out of a file into the store, look at one, count them."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from forest_serving.errors import BadFeaturesFile, BadSetting
from forest_serving.loading.checking import columns_for
from forest_serving.loading.doubled_ids import SeenIds
from forest_serving.loading.pieces import Pieces
from forest_serving.loading.progress import Progress
from forest_serving.loading.tables import open_table
from forest_serving.loading.targets import Target, target_of
from forest_serving.rows.words import listed, shown
from forest_serving.settings import read_settings

PROGRAM = "python -m forest_serving features"
_RECORD_PER_BYTE = 16  # of a file; a guess, which only decides how often LMDB's map has to grow
_DESCRIPTION = """Store features by id, from which rows are answered: {"ids": ["a17"]}.

    FOREST_FEATURES=/data/features python -m forest_serving features load customers.csv --id-column id

All rows are stored, or none; in Redis a load that fails may leave a part of them, which the same file completes.
Servers that have the store open see rows at once. The same file again changes nothing."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; return the exit code."""
    options = _parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    load = _command(commands, "load", _load, "store the rows of a file of CSV, which may be gzipped, or Parquet")
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--id-column", required=True, metavar="NAME", help="the column that holds the ids")
    checks = load.add_mutually_exclusive_group()
    default = "default: FOREST_MODEL, or the only one that is stored"
    checks.add_argument("--model", metavar="NAME", help=f"the model that rows must fit; {default}")
    checks.add_argument("--unchecked", action="store_true", help="store the rows as they are")
    load.add_argument("--replace", action="store_true", help="remove the ids that the file does not have")
    get = _command(commands, "get", _get, "print what is stored under an id")
    get.add_argument("id", metavar="ID")
    _command(commands, "count", _count, "print how many ids there are")
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    words: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
    option, where = ("--to", "where to") if name == "load" else ("--from", "where from")
    words = f"{where}: a folder, or a URL of Redis; default: FOREST_FEATURES"
    parser.add_argument(option, dest="store", metavar="PATH", help=words)
    parser.set_defaults(run=run, option=option)
    return parser


def _target_of(options: argparse.Namespace) -> Target:
    store = options.store or read_settings().features
    if not store:
        raise BadSetting(f"Say where features are stored: set FOREST_FEATURES, or name a folder by {options.option}.")
    return target_of(store)


def _load(options: argparse.Namespace) -> int:
    target, table = _target_of(options), open_table(options.file)
    columns, words = (None, "as they are") if options.unchecked else columns_for(options.model or read_settings().model)
    with Progress(str(options.file)) as progress:
        pieces = Pieces(table, options.id_column, columns, progress.note)
        left_out = f" Not stored: {listed(pieces.left_out)}." if pieces.left_out else ""
        print(f"Storing rows {words}.{left_out}", file=sys.stderr)
        n_bytes = table.n_bytes * table.packing * _RECORD_PER_BYTE
        loaded = target.load(partial(_checked, pieces, options.replace), n_bytes, options.replace)
    print(f"{loaded.new:,} new, {loaded.changed:,} changed, {loaded.same:,} as before, {loaded.removed:,} removed.")
    return 0


def _checked(pieces: Pieces, replace: bool) -> Iterator[tuple[Sequence[bytes], Sequence[bytes]]]:
    """Return ids and records; raise at the end if an id came twice, or all ids would be removed."""
    seen, n_rows = SeenIds(), 0
    for _, ids, records in pieces:
        seen.add(ids)
        n_rows += len(ids)
        yield ids, records
    seen.refuse_doubled(pieces)
    if replace and not n_rows:
        raise BadFeaturesFile("The file has no rows, and --replace would remove all ids; load a file that has some.")


def _get(options: argparse.Namespace) -> int:
    record = _target_of(options).get(options.id)
    if record is None:
        print(f'Nothing is stored under "{shown(options.id)}".', file=sys.stderr)
        return 1
    print(record.decode())
    return 0


def _count(options: argparse.Namespace) -> int:
    print(_target_of(options).count())
    return 0
