"""SECURITY.md promises nothing without a test that shows it."""

import ast
import re

import pytest

from tests.docs.pages import ROOT

POLICY = (ROOT / "SECURITY.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", POLICY)))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_exists(file, name):
    tree = ast.parse((ROOT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("promise", re.findall(r"^Cannot\n\n(.*?)(?=\n\n)", POLICY, re.DOTALL | re.MULTILINE))
def test_whatever_somebody_cannot_do_has_tests(promise):
    assert "tests/" in promise


def test_the_page_on_security_says_nothing_twice():
    """One page has the threat model, the other the advice."""
    advice = (ROOT / "docs" / "explanation" / "security.md").read_text()
    assert "SECURITY.md" in advice
    assert "::test_" not in advice


def test_no_promise_waits_for_its_test():
    assert "TODO" not in POLICY
