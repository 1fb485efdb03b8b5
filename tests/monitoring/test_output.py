"""A process that prints into a pipe which nobody reads: it goes on, ends, and tells what was lost."""

import json
import os
import subprocess
import sys
import time

import pytest

from forest_serving.monitoring.queued_output import EXIT_S, LINE_BYTES, QUEUE_BYTES
from tests.support.servers import ROOT

SET_UP = """
import logging, os, sys, threading, time, warnings
logging.basicConfig()
from forest_serving.monitoring import output
output.queue_output()
"""
MANY = 2 * QUEUE_BYTES // 10
WAYS = {  # to print MANY lines of ten bytes or more
    "print": f"for _ in range({MANY}): print('123456789')",
    "stderr": f"for _ in range({MANY}): sys.stderr.write('123456789\\n')",
    "bytes": f"for _ in range({MANY}): sys.stdout.buffer.write(b'123456789\\n')",
    "a logger set up before": f"for _ in range({MANY}): logging.warning('of a stranger')",
    "warnings": f"warnings.simplefilter('always'); [warnings.warn('of some sort') for _ in range({MANY})]",
    "threads": f"""
for _ in range(4):
    threading.Thread(target=lambda: [print('123456789') for _ in range({MANY})]).start()
""",
}


@pytest.fixture
def printing():
    """Return a function that starts a program whose output goes to a pipe; return it and the pipe's reading end."""
    started, ends = [], []

    def start(program, **options):
        reading, writing = os.pipe()
        command = [sys.executable, "-c", SET_UP + program]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=writing, stderr=writing, **options))
        os.close(writing)
        ends.append(reading)
        return started[-1], os.fdopen(reading, "rb", closefd=False)

    yield start
    for process in started:
        process.kill()
        process.wait()
    for end in ends:
        os.close(end)


@pytest.mark.parametrize("program", WAYS.values(), ids=WAYS)
def test_whoever_prints_goes_on_and_the_process_ends(printing, program):
    process, _ = printing(program)
    assert process.wait(60) == 0


def wait_for(path):
    """Return once a file is there."""
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_end_waits_for_a_reader_no_longer_than_a_moment(printing, tmp_path):
    done = tmp_path / "done"
    process, _ = printing(f"{WAYS['print']}\nopen({str(done)!r}, 'w').close()")
    wait_for(done)
    started = time.monotonic()
    assert process.wait(60) == 0
    assert time.monotonic() - started < EXIT_S + 5


def test_once_somebody_reads_lines_flow_on_and_one_says_how_many_are_lost(printing, tmp_path):
    done = tmp_path / "done"
    program = f"""
for n in range({MANY}): print(f'{{n:9}}')
open({str(done)!r}, 'w').close()
sys.stdin.readline()
print('later', output.dropped_lines())
"""
    process, output = printing(program, stdin=subprocess.PIPE)
    wait_for(done)
    read = output.read(QUEUE_BYTES)
    process.stdin.close()
    lines = (read + output.read()).decode().splitlines()
    (told,) = (json.loads(line)["lost"] for line in lines if line.startswith("{"))
    assert [int(line) for line in lines if line.strip().isdigit()] == list(range(MANY - told))
    assert lines[-1] == f"later {told}"


def test_the_last_lines_before_the_end_are_written(printing):
    """Also those of functions that were registered for the end."""
    program = """
import atexit
atexit.register(print, 'last of all')
print('last')
raise SystemExit('with a sentence')
"""
    _, output = printing(program)
    assert sorted(output.read().split(b"\n")) == [b"", b"last", b"last of all", b"with a sentence"]


def test_who_ends_at_once_can_wait_for_the_lines(printing):
    _, output = printing("print('last'); output.wait_until_written(); os._exit(1)")
    assert output.read() == b"last\n"


def test_a_line_that_no_disk_takes_is_counted(printing):
    program = """
os.dup2(os.open('/dev/full', os.O_WRONLY), 1)
print('lost')
output.wait_until_written()
sys.stderr.write(f'{output.dropped_lines()}\\n')
"""
    _, output = printing(program)
    assert output.read() == b"1\n"


def test_a_copy_of_the_process_prints_too(printing):
    """Python 3.12 and later warn of copies of a process that has threads, which is not what is asked here."""
    program = """
warnings.simplefilter('ignore', DeprecationWarning)
print('parent'); output.wait_until_written()
if os.fork() == 0:
    print('child'); output.wait_until_written(); os._exit(0)
os.wait()
"""
    _, output = printing(program)
    assert output.read() == b"parent\nchild\n"


def test_a_pipe_that_does_not_wait_loses_nothing(printing):
    """Whoever started the process may have set it so."""
    program = "os.set_blocking(1, False)\nfor n in range(20_000): print(n)\n"
    _, output = printing(program)
    assert output.read().split() == [b"%d" % n for n in range(20_000)]


def test_a_line_is_cut_somewhere(printing):
    _, output = printing("print('x' * 10**6); print('next')")
    assert list(map(len, output.read().splitlines())) == [LINE_BYTES, 4]
