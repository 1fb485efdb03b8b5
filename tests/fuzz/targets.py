"""What is fuzzed: each target takes bytes and raises if something did wrong. "make fuzz" runs them all."""

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

from tests.fuzz import reference
from tests.fuzz.checks import check_answer, in_time
from tests.fuzz.connections import check_connection
from tests.fuzz.growth import check_growth
from tests.fuzz.subjects import subjects
from tests.support.both_ways import check_kernel

JSON, LINES, CSV, NPY = b"application/json", b"application/jsonlines", b"text/csv", b"application/x-npy"
ACCEPTS = (b"*/*", JSON, CSV, LINES, NPY)
PLATFORMS = ("/v1/models/NAME:predict", "/predictions/NAME", "/invocations", "/vertex")
LENGTH = b"inference-header-content-length"

services = cache(subjects)  # made once instrumentation is on


class Target(NamedTuple):
    """What is fuzzed.

    Attributes:
        check: takes a service and bytes.
        max_bytes: the longest input to make up.
        dictionary: the file of words to make inputs of.
        makes_large: whether the check itself makes something large of the bytes, and looks at its time.
        asks_services: whether it takes a service at all, not bytes alone.
    """

    check: Callable
    max_bytes: int
    dictionary: str
    makes_large: bool = False
    asks_services: bool = True

    def __call__(self, content):
        """Check the answers of all services."""
        if not self.asks_services:
            self.check(content)
            return
        for service in services():
            run = partial(self.check, service, content)
            run() if self.makes_large else in_time(run, len(content))


def check_native(service, body):
    """Whatever is rows by the documentation is answered, and nothing else."""
    for path in ("/predict", "/predict_proba"):
        answer = service.post(path, body)
        check_answer(service, answer, reference.instances, body)
        if answer.status == 400 and b"\\" not in body:  # Python reads lone halves of characters, which are no text
            check_refused_rightly(service, body)


def check_refused_rightly(service, body):
    """Check that the reference refuses a body, too."""
    try:
        rows = reference.instances(body, service.card)
    except (reference.Refused, reference.Unsure):
        return
    raise AssertionError(f"refused {rows!r:.200}")


def check_platforms(service, body):
    """Other protocols' JSON."""
    for path in PLATFORMS:
        check_answer(service, service.post(path, body), reference.platforms, body)


def check_invocations(read, kind, service, body):
    """SageMaker's and MLflow's other formats; the reply's is chosen by the body's length."""
    accept = ACCEPTS[len(body) % len(ACCEPTS)]
    headers = (b"content-type", kind), (b"accept", accept)
    check_answer(service, service.post("/invocations", body, *headers), read, body)


def check_open_inference(service, content):
    """JSON, and after a NUL, which no JSON contains, the bytes of tensors."""
    head, separator, tail = content.partition(b"\0")
    headers = [(LENGTH, b"%d" % len(head))] if separator else []
    answer = service.post("/v2/models/NAME/infer", head + tail, *headers)
    check_answer(service, answer, reference.tensors, head, tail)


TARGETS = {
    "native": Target(check_native, 4096, "json"),
    "platforms": Target(check_platforms, 4096, "json"),
    "json_lines": Target(partial(check_invocations, reference.json_lines, LINES), 2048, "json"),
    "csv": Target(partial(check_invocations, reference.csv_lines, CSV), 2048, "csv"),
    "npy": Target(partial(check_invocations, reference.npy, NPY), 2048, "npy"),
    "open_inference": Target(check_open_inference, 4096, "json"),
    "connections": Target(check_connection, 8192, "http"),
    "growth": Target(check_growth, 512, "json", makes_large=True),
    # Bytes that choose engines and rows, for the kernel, under sanitizers, and for NumPy.
    "kernel": Target(check_kernel, 64, "none", asks_services=False),
}
