"""How the page reads CSV: as Python's csv module does, wherever the text is cut, and empty lines are no records."""

import csv
from io import StringIO

import numpy as np
import pytest

SPLIT = """async ([text, size]) => {
  const { Splitter, separatorOf } = await import("/ui/csv.js");
  const splitter = new Splitter(separatorOf(text)), found = [];
  for (let at = 0; at < text.length; at += size) found.push(...splitter.push(text.slice(at, at + size)));
  return [...found, ...splitter.end()];
}"""
READ = """async (bytes) => {
  const { piecesOf } = await import("/ui/csv.js");
  const found = [];
  try {
    for await (const { records } of piecesOf(new Blob([new Uint8Array(bytes)]))) found.push(...records);
  } catch (error) {
    return error.message;
  }
  return found;
}"""
TEXTS = {
    "line ends of Windows, and none at the end": "a,b\r\n1,2",
    "line ends of old computers": "a;b\r1;2\r",
    "tabs": "a\tb\n1\t2\n",
    "other separators in quotes": '"a,1,2,3";b\n"1,5";2\n',
    "quotes in quotes": 'a,b\n"say ""a,b""",""""\n',
    "line ends in quotes": 'a,b\n"x\r\ny","\n"\n',
    "empty cells, quoted or not": 'a,b\n"",\n,""\n',
    "empty lines": "\r\n\r\na,b\r\n\r\n1,2\n\n\n",
    "text behind a closed quote": 'a,b\n"x"y,2\n',
    "a quote that opens in the middle": 'a,b\nx"y",2\n',
    "a separator at the end": "a,b,\n1,2,\n",
    "one column": "a\n1\n\n2\n",
    "nothing": "",
}


@pytest.fixture
def page(visit, urls):
    """Return a page that holds nothing, and can import the modules."""
    blank = visit(urls["iris"], "/ui/csv.js")
    blank.faults.announce("404")  # of the icon that a browser asks for where a page names none
    return blank


def read_by_python(text, separator):
    """Return the records that Python's csv module finds."""
    return [record for record in csv.reader(StringIO(text, newline=""), delimiter=separator) if record]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_records_are_those_of_python_wherever_the_text_is_cut(page, text):
    separator = next((each for each in "\t;" if each in text), ",")
    for size in (1, 2, 3, 1000):
        assert page.evaluate(SPLIT, [text, size]) == read_by_python(text, separator)


def test_any_text_is_read_as_python_reads_it(page):
    rng = np.random.default_rng(0)
    texts = ["a,b,c,d\n" + "".join(rng.choice(list('x,"\r\n '), rng.integers(1, 30))) for _ in range(300)]
    read = page.evaluate(f"texts => Promise.all(texts.map(text => ({SPLIT})([text, 7]).catch(() => null)))", texts)
    open_quotes = [text for text, records in zip(texts, read, strict=True) if records is None]
    assert read == [None if text in open_quotes else read_by_python(text, ",") for text in texts]
    assert 0 < len(open_quotes) < 200
    assert all(is_open_at_the_end(text) for text in open_quotes)


def is_open_at_the_end(text):
    """Return whether a quote is never closed: what is added to the text becomes part of its last cell."""
    return read_by_python(text + "\nADDED", ",")[-1] != ["ADDED"]


def test_a_quote_that_is_never_closed_is_refused_with_what_follows_it(page):
    assert "A quote is not closed: “open" in page.evaluate(READ, list(b'a,b\n1,2\n"open,3\n4,5\n'))


def test_a_cell_of_more_than_a_million_characters_is_refused(page):
    longer = """async () => {
      const { Splitter } = await import("/ui/csv.js");
      try { new Splitter(",").push('"' + "x".repeat(2 ** 20 + 1)); } catch (error) { return error.message; }
    }"""
    assert "longer than a million characters" in page.evaluate(longer)


@pytest.mark.parametrize(
    "content",
    ["Straße".encode("latin-1"), "a,b".encode("utf-16"), b"PK\x03\x04\xff\xfe"],
    ids=["8-bit", "16-bit", "xlsx"],
)
def test_what_is_no_utf8_is_refused_with_the_way_to_save_it(page, content):
    assert "save it as “CSV UTF-8”" in page.evaluate(READ, list(content))


def test_a_mark_of_utf8_is_no_part_of_the_first_name(page):
    assert page.evaluate(READ, list("\ufeffname,größe\n1,2\n".encode())) == [["name", "größe"], ["1", "2"]]
