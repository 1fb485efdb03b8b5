"""How long each turn takes of what is read or written in turns."""

from time import process_time

from forest_serving.errors import RequestError


def turns_s(steps):
    """Return the processor time of each turn, in seconds; a refusal ends them as a result does."""
    found = []
    while True:
        started = process_time()
        try:
            next(steps)
        except (StopIteration, RequestError):
            return [*found, process_time() - started]
        found.append(process_time() - started)
