"""Saves that are killed, or whose system calls fail: python -m tests.support.faults [FAULT] [--calls NAMES] [--first].

This process saves a model in BENTOML_HOME, and again and again forks a child that does the same. strace takes hold of
the child, and does FAULT, such as signal=KILL or error=ENOSPC, at one of the system calls that write: at each, in turn.
Then another child saves without a fault. One line of JSON tells what was seen. With --first, the store is empty before
each fault. Without a FAULT, one save is traced, and its system calls are printed.
"""

import argparse
import ctypes
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import NamedTemporaryFile

import bentoml
from sklearn.ensemble import RandomForestClassifier

from forest_serving.errors import OperatorError
from forest_serving.models import store
from tests.support.cards import YES_NO, card, feature
from tests.support.compiled import compiled
from tests.support.servers import ROOT, environment

NAME = "crashed"
MODEL = f"{NAME}_compiled"
CALLS = (
    "openat,write,pwrite64,writev,sendfile,copy_file_range,ftruncate,fallocate,fsync,fdatasync,flock,close,"
    "rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,utimensat"
)
FIX = r"Make room, or let it be written, and save again\."
SENTENCE = rf'The model "crashed" was not saved: [^.]+ \(.*\)\. {FIX}'
PR_SET_PTRACER, ANY = 0x59616D61, -1


def seen(home, *options):
    """Run this module in a BentoML home; return the lines that it printed."""
    command = [sys.executable, "-m", "tests.support.faults", *options]
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a process with threads should not fork
    return subprocess.run(
        command, cwd=ROOT, env=environment(home, **alone), capture_output=True, text=True, check=True, timeout=280
    ).stdout.splitlines()


def harm(home, fault, calls=".*", *options):
    """Return each fault that did harm, and how many faults there were."""
    found = [json.loads(line) for line in seen(home, fault, "--calls", calls, *options)]
    return [fault for fault in found if not is_survived(fault)], len(found)


def is_survived(fault):
    """Return whether the old or the new model is served, a failure is told in a sentence, and the next save works."""
    kind, _, words = fault["said"].partition(" ")
    before, after = fault["before"], fault["after"]
    is_well = {
        "saved": after == words,
        "error": after == before and re.fullmatch(SENTENCE, words) and len(fault["listed"]) % 2 == 0,
        "": after == before or after.startswith(f"{MODEL}:"),  # it was killed
    }
    return (
        is_well.get(kind)
        and before.startswith((f"{MODEL}:", f'ModelMissing: No model "{MODEL}" in the BentoML store. '))
        and isinstance(fault["listed"], list)
        and fault["again"] == f"saved {fault['then']}"
        and fault["left"] == ["lock"]
    )


class Saver:
    """A model that this process saves, and children of it."""

    def __init__(self):
        forest = RandomForestClassifier(2, max_depth=1, random_state=0).fit([[0.0], [10.0]], ["no", "yes, soon"])
        self.arguments = card(NAME, (feature("x"),), YES_NO), forest, compiled(forest)

    def save(self):
        """Save; return the compiled model's tag."""
        return store.save(*self.arguments)[1]

    def fork(self):
        """Return a child that waits for a word, and the socket to it."""
        ours, its = socket.socketpair()
        if pid := os.fork():
            its.close()
            return pid, ours
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANY, 0, 0, 0)  # where only a parent may trace
        its.recv(2)
        try:
            words = f"saved {self.save()}"
        except OperatorError as error:
            words = f"error {error}"
        except BaseException as error:
            words = f"traceback {error!r}"
        its.sendall(words.encode())
        os._exit(0)

    def in_child(self, *strace):
        """Save in a child, under strace if it is given options; return what it said: nothing, if it was killed."""
        pid, sock = self.fork()
        tracer = follow(pid, strace) if strace else None
        sock.send(b"go")
        with sock, sock.makefile() as said:
            words = said.read()
        os.waitpid(pid, 0)
        if tracer:
            tracer.communicate()
        return words

    def traced(self):
        """Return strace's lines of a save."""
        with NamedTemporaryFile("r") as log:
            assert self.in_child("-y", "-o", log.name).startswith("saved")
            return log.read().splitlines()


def follow(pid, options):
    """Return strace once it has taken hold of a process."""
    command = ["strace", "-qq", "-e", f"trace={CALLS}", *options, "-p", str(pid)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text():
        assert tracer.poll() is None, tracer.stderr.read()
    return tracer


def places(lines):
    """Return each call that writes, as its name and its number among the calls of that name."""
    numbers, written, found = Counter(), {"flock"}, []
    for line in lines:
        name, path = line.partition("(")[0], re.search(r"(?:= |\()\d+<([^>]*)>", line)
        numbers[name] += 1
        if name == "openat" and re.search("O_WRONLY|O_RDWR|O_CREAT", line):
            written.add(path[1] if path else "")
        elif name == "openat" or (name == "close" and path and path[1] not in written):
            continue
        found.append((name, numbers[name]))
    return found


def served():
    """Return the tag that readers get, or what they are told."""
    try:
        return store.load(MODEL).tag
    except OperatorError as error:
        return f"{type(error).__name__}: {error}"


def listed():
    """Return what BentoML lists, or how that fails."""
    try:
        return sorted(str(model.tag) for model in bentoml.models.list())
    except Exception as error:
        return repr(error)


def prune(models, keep):
    """Leave the newest version of each model, or none: a long list takes BentoML long."""
    for latest in models.glob("*/latest"):
        for folder in latest.parent.iterdir():
            if folder.is_dir() and not (keep and folder.name == latest.read_text()):
                shutil.rmtree(folder)
    if not keep:
        shutil.rmtree(models)
        models.mkdir()


def inject(saver, fault, name, number):
    """Return what is seen when a save meets a fault at one call."""
    before = served()
    said = saver.in_child("-o", os.devnull, "-e", f"inject={name}:{fault}:when={number}")
    after, names = served(), listed()
    again = saver.in_child()
    left = sorted(path.name for path in (Path(os.environ["BENTOML_HOME"]) / "model_drafts").iterdir())
    return {
        "call": f"{name} {number}",
        "before": before,
        "said": said,
        "after": after,
        "listed": names,
        "again": again,
        "then": served(),
        "left": left,
    }


def main():
    """Print what is seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("fault", nargs="?")
    parser.add_argument("--calls", default=".*")
    parser.add_argument("--first", action="store_true")
    options = parser.parse_args()
    models, saver = Path(os.environ["BENTOML_HOME"]) / "models", Saver()
    saver.save()
    lines = saver.traced()
    if not options.fault:
        print(*lines, sep="\n")
    for name, number in places(lines) if options.fault else []:
        if re.fullmatch(options.calls, name):
            prune(models, keep=not options.first)
            print(json.dumps(inject(saver, options.fault, name, number)), flush=True)


if __name__ == "__main__":
    main()
