"""What the container starts: "bentoml serve" on the port that the platform dictates.

    entrypoint.py [OPTIONS]        serve; options are those of bentoml serve
    entrypoint.py serve [OPTIONS]  the same; with SageMaker's variables set, on SageMaker's port
    entrypoint.py healthcheck      ask the server whether it is ready
    entrypoint.py COMMAND …        run something else, such as sh

It imports little, because it runs at every start and every few seconds.
"""

import os
import sys
from collections.abc import Mapping, Sequence

BENTO = "/home/bentoml/bento"
SAGEMAKER_PORT = "8080"
# SageMaker, Vertex AI, Cloud Run and Heroku, BentoML: the first that is set tells the port.
PORT_VARIABLES = ("SAGEMAKER_BIND_TO_PORT", "AIP_HTTP_PORT", "PORT", "BENTOML_PORT")
DEFAULT_PORT = "3000"
ADDRESS_OPTIONS = {"--port": "PORT", "-p": "PORT", "--host": "BENTOML_HOST"}
EVERY_INTERFACE = ("", "0.0.0.0", "::")  # noqa: S104 - only compared


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Do what the arguments ask; end with one sentence if the port is none."""
    if arguments[:1] == ["healthcheck"]:
        check_health(port(environ))
    elif arguments and arguments[0] != "serve" and not arguments[0].startswith("-"):
        start(arguments, environ)
    else:
        options = arguments[arguments[:1] == ["serve"] :]
        refuse_addresses(options)
        start(["bentoml", "serve", *options, BENTO], {**environ, "BENTOML_PORT": port(environ)})


def port(environ: Mapping[str, str]) -> str:
    """Return the port to listen on, 1 to 65535."""
    default = SAGEMAKER_PORT if any(name.startswith("SAGEMAKER_") for name in environ) else DEFAULT_PORT
    variable = next((name for name in PORT_VARIABLES if environ.get(name)), "")
    text = environ.get(variable, default)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 65535):
        sys.exit(f"{variable} must be a port, a whole number from 1 to 65535; it is {text[:40]!r}.")
    return text


def refuse_addresses(options: Sequence[str]) -> None:
    """End with one sentence if an option names the address, which the health check could not see."""
    for option in options:
        if variable := ADDRESS_OPTIONS.get(option.partition("=")[0]):
            sys.exit(f"In the container, name the address with the variable {variable}, not with {option[:40]}.")


def start(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Become the command, so that signals reach it."""
    try:
        os.execvpe(command[0], command, environ)  # noqa: S606 - what the container was asked to run
    except OSError as error:
        sys.exit(f"Cannot run {command[0][:80]!r} in this image: {error.strerror}.")


def check_health(port: str) -> None:
    """End with 0 if the server is ready, with 1 if not."""
    from http.client import HTTPConnection, HTTPException  # noqa: PLC0415 - serving needs it not

    address = os.environ.get("BENTOML_HOST", "")
    try:
        connection = HTTPConnection("127.0.0.1" if address in EVERY_INTERFACE else address, int(port), timeout=2)
        connection.request("GET", "/readyz")
        sys.exit(connection.getresponse().status != 200)
    except (OSError, HTTPException):
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
