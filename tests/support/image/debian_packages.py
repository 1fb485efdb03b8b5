"""Debian's packages, unpacked into a folder and never installed."""

import subprocess


def unpack(folder, *packages):
    """Download packages, and what they need that this machine lacks, and return the root of their files."""
    for name in ("lists/partial", "packages/partial", "root"):
        (folder / name).mkdir(parents=True)
    options = [f"Dir::State::lists={folder}/lists", f"Dir::Cache::archives={folder}/packages", "Debug::NoLocking=true"]
    apt = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *(word for option in options for word in ("-o", option))]
    checked(*apt, "update")
    checked(*apt, "install", "--reinstall", "--download-only", "--no-install-recommends", "--yes", *packages)
    for package in (folder / "packages").glob("*.deb"):
        checked("dpkg-deb", "--extract", package, folder / "root")
        package.unlink()
    return folder / "root"


def checked(*command, timeout_s=120, **options):
    """Run a command to its end; fail with its words if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
