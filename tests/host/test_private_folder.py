"""Where the sockets of a server go whose files are watched: a folder of this user's, somewhere safe."""

import os
import stat
from pathlib import Path

import pytest

from forest_serving.host.private_folder import make_private_folder


def folder_like(base, name, mode):
    """Return the path of a new folder with a mode."""
    folder = base / name
    folder.mkdir()
    folder.chmod(mode)
    return str(folder)


def test_only_this_user_may_enter_it():
    folder = Path(make_private_folder())
    assert (stat.S_IMODE(folder.stat().st_mode), folder.stat().st_uid) == (0o700, os.geteuid())


def test_it_leaves_room_for_the_name_of_a_socket():
    """A socket's path may have 103 bytes at least."""
    assert len(os.fsencode(make_private_folder() + "/control")) <= 103


@pytest.mark.parametrize(
    ("name", "mode"),
    [("long" * 30, 0o700), ("open to all", 0o777), ("open", 0o777), ("with $(command)", 0o700)],
    ids=["too long", "open, with spaces", "others may rename", "not for a command line"],
)
def test_a_place_that_is_not_fit_for_it_is_passed_over(tmp_path, name, mode):
    unfit = folder_like(tmp_path, name, mode)
    assert not make_private_folder([unfit, "/tmp"]).startswith(unfit)


@pytest.mark.parametrize("parents", [["/nowhere", "", "relative"], []])
def test_without_a_place_it_is_one_sentence(parents):
    with pytest.raises(SystemExit, match=r"^bentoml serve --reload needs a folder .* set TMPDIR to one that is\.$"):
        make_private_folder(parents)
