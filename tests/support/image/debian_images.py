"""Images made from Debian's own packages, for engines that reach no registry."""

import os
import subprocess
import sys
from pathlib import Path

BASE = "python:3.11-slim"  # the name that the Bento's Dockerfile asks for
UNNEEDED = ("doc", "man", "locale", "info")  # Debian's official slim images lack these, too
DOCKERFILE = """
FROM scratch
ADD root.tar /
COPY uv /usr/local/bin/
RUN ln -s /usr/bin/python3 /usr/local/bin/python
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt
CMD ["python"]
"""


def make_base_image(engine):
    """Make what stands for BASE: Debian's Python, and uv, which the Bento's Dockerfile would install by pip."""
    folder = engine.folder / "base"
    folder.mkdir()
    make_root(engine, folder / "root.tar", "ca-certificates", "python3")
    (folder / "uv").write_bytes((Path(sys.executable).parent / "uv").read_bytes())
    (folder / "uv").chmod(0o755)
    bundle = os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")  # a proxy's authority may be in it
    (folder / "ca-certificates.crt").write_bytes(Path(bundle).read_bytes())
    build(engine, folder, BASE, DOCKERFILE)


def debian_name(package):
    """Return the name of make_debian_image's image."""
    return f"localhost/iris-test/{package}:debian"


def make_debian_image(engine, package, more=""):
    """Make an image of a package and what it needs; a Dockerfile may go on with more lines, and has an empty folder."""
    folder = engine.folder / package
    (folder / "empty").mkdir(parents=True)
    make_root(engine, folder / "root.tar", package, variant="extract")  # unpacked is enough to run one program
    build(engine, folder, debian_name(package), f"FROM scratch\nADD root.tar /\n{more}")


def make_root(engine, tar, *packages, variant="minbase"):
    """Write a root file system with these packages; about 40 seconds, or 10 if they are only unpacked."""
    without = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in UNNEEDED]
    without += [f'--customize-hook=rm -rf "$1/usr/share/{name}"' for name in (*UNNEEDED, "javascript")]
    command = ["mmdebstrap", "--quiet", f"--variant={variant}", "--components=main", *without]
    command += [f"--include={','.join(packages)}", codename(), str(tar), mirror(engine)]
    done = subprocess.run(command, env=engine.environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]


def codename():
    """Return the name of this machine's Debian release."""
    lines = Path("/etc/os-release").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)["VERSION_CODENAME"].strip('"')


def mirror(engine):
    """Return the address from which this machine gets Debian's packages."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Identifier: Packages", f"Codename: {codename()}"]
    lists = ["-o", f"Dir::State::lists={engine.folder}/lists"]
    done = subprocess.run([*command, *lists], env=engine.environment, capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


def build(engine, folder, tag, dockerfile):
    """Build a folder's image."""
    (folder / "Dockerfile").write_text(dockerfile)
    engine.run("build", *engine.network, "--tag", tag, str(folder), timeout_s=200)
    (folder / "root.tar").unlink()
