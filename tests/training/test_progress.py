"""Progress is shown where somebody sees it, and only of what takes long."""

import io

import pytest

from forest_serving.training import progress


class Terminal(io.StringIO):
    """A terminal that keeps what it is shown."""

    def isatty(self):
        """Return that it is one."""
        return True


def shown(monkeypatch):
    """Return a terminal in place of stderr. (Not a fixture: pytest puts its own in place after those.)"""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    return terminal


def test_long_steps_are_shown(monkeypatch):
    terminal = shown(monkeypatch)
    monkeypatch.setattr(progress, "_SHOWN_AFTER_S", 0)
    with progress.Stopwatch().step("counting", 3) as bar:
        bar.update(3)
    with progress.Stopwatch().step("waiting"):
        pass
    assert list(progress.counted("abc", "reading")) == ["a", "b", "c"]
    assert all(name in terminal.getvalue() for name in ("counting", "waiting", "reading"))


def test_short_steps_are_not(monkeypatch):
    terminal = shown(monkeypatch)
    watch = progress.Stopwatch()
    with watch.step("counting", 3) as bar:
        bar.update(3)
    assert (terminal.getvalue(), list(watch.seconds)) == ("", ["counting"])


def test_nothing_is_shown_where_no_terminal_is(capsys, monkeypatch):
    monkeypatch.setattr(progress, "_SHOWN_AFTER_S", 0)
    with progress.Stopwatch().step("counting", 3) as bar:
        bar.update(3)
    assert capsys.readouterr().err == ""


def test_a_bar_goes_away_when_its_step_fails(monkeypatch):
    terminal = shown(monkeypatch)
    monkeypatch.setattr(progress, "_SHOWN_AFTER_S", 0)
    with pytest.raises(ValueError, match="full"), progress.Stopwatch().step("waiting"):
        raise ValueError("full")
    assert "waiting" not in terminal.getvalue().rpartition("waiting: 00:00")[2]
    assert terminal.getvalue().count("\r") > 1  # written, and written over
