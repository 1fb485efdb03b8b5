"""Dropping a CSV on the page: a prediction for each of its rows, to look at and to download."""

import csv
import re
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.support.browsing import answer_of, slowed
from tests.support.churn import customers
from tests.support.shown import churn, customers_asked, progression

HEAD = "petal_length,sepal_length,note,Petal Width,sepal width (cm)\r\n"
SLOW_S = 60_000  # milliseconds; for 100,000 rows on a busy machine
DROP = """([text, name]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name));
  const target = document.querySelector("#table .drop");
  for (const type of ["dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
}"""


def choose(page, text, name="rows.csv"):
    """Choose a file, and return the sentence that says how it went."""
    content = text if isinstance(text, bytes) else text.encode()
    page.locator("#table-file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    return page.locator("#table .job").get_by_role("status")


def downloaded(page):
    """Return the bytes of the file to download."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    return Path(download.value.path()).read_bytes()


def records(content):
    """Return a file's lines, as dicts by column."""
    return list(csv.DictReader(StringIO(content.decode(), newline="")))


def test_a_dropped_file_is_answered_and_its_columns_are_kept(visit, urls):
    page = visit(urls["iris"])
    expect(page.locator("#table .drop")).to_be_visible()
    page.evaluate(DROP, [HEAD + '1.4,5.1,"a ""b"", c",0.2,3.5\r\n6.0,6.3,,2.5,3.3\r\n', "two.csv"])
    expect(page.locator("#table .job").get_by_role("status")).to_contain_text("two.csv: 2 rows answered")
    first, second = records(downloaded(page))
    assert (first["note"], first["prediction"], second["prediction"]) == ('a "b", c', "0", "2")
    assert [float(first[f"probability_{name}"]) for name in ("setosa", "versicolor", "virginica")] == [1, 0, 0]


def test_predictions_are_those_of_scikit_learn(visit, urls):
    """With gaps, text and booleans as pandas writes them."""
    page = visit(urls["churn"])
    expect(choose(page, customers_asked().to_csv(index=False))).to_contain_text("600 rows answered")
    assert [each["prediction"] for each in records(downloaded(page))] == list(churn().predict(customers_asked()))


def test_a_hundred_thousand_customers_are_answered_as_scikit_learn_does(visit, urls, tmp_path):
    """Class and probabilities, to the last digit; what the model does not know comes back as it was."""
    table, file = customers(100_000), tmp_path / "customers.csv"
    table.to_csv(file, index=False)
    page = visit(urls["churn"])
    page.get_by_label("Drop a CSV file here").set_input_files(file)
    said = page.locator("#table .job").get_by_role("status")
    expect(said).to_contain_text("100,000 rows answered", timeout=SLOW_S)
    found, asked = read(downloaded(page)), table[customers_asked().columns]
    assert (found["customer"] == table["customer"]).all()
    assert (found["prediction"] == churn().predict(asked)).all()
    assert (found[["probability_no", "probability_yes"]].to_numpy() == churn().predict_proba(asked)).all()


def test_a_regressors_numbers_are_scikit_learns_to_the_last_digit(visit, urls):
    forest, rows, _ = progression()
    page = visit(urls["progression"])
    expect(choose(page, rows.to_csv(index=False))).to_contain_text("442 rows answered")
    assert (read(downloaded(page))["prediction"] == forest.predict(rows)).all()


def read(content):
    """Return a file as a table, with its numbers as they are written."""
    return pd.read_csv(BytesIO(content))


def test_another_row_is_answered_while_a_file_is(visit, urls):
    page = visit(urls["churn"])
    expect(answer_of(page)).not_to_be_empty()
    slowed(page, 100)
    choose(page, customers(50_000).to_csv(index=False))
    expect(page.locator("#table .pace")).to_contain_text("rows")
    page.get_by_role("spinbutton", name="calls, as a number").fill("8")
    expect(answer_of(page)).to_have_text("yes")
    page.get_by_role("button", name="Cancel").click()


def test_a_bad_row_costs_only_itself(visit, urls):
    page = visit(urls["iris"])
    bad = HEAD + "1.4,5.1,,0.2,3.5\nn/a,5.1,,0.2,3.5\n1.4,5.1\n6.0,6.3,,2.5,3.3\n"
    expect(choose(page, bad)).to_contain_text("4 rows answered")
    page.get_by_label("Only the 2 with errors").check()
    faults = page.locator("#table .fault")
    expect(faults).to_have_count(2)
    expect(faults.first).to_contain_text("petal_length")
    expect(faults.last).to_contain_text("It has 2 cells, not 5.")
    assert [bool(each["error"]) for each in records(downloaded(page))] == [False, True, True, False]


def test_a_click_on_a_row_makes_it_the_row_of_the_page(visit, urls):
    page = visit(urls["iris"])
    choose(page, HEAD + "1.4,5.1,,0.2,3.5\n6.0,6.3,,2.5,3.3\n")
    page.get_by_role("button", name="Take row 2").click()
    expect(page.locator("#prediction")).to_contain_text(re.compile("^Prediction\\s*virginica"))
    expect(page.locator("#table tr[aria-current]")).to_contain_text("6.3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "The file lacks 4 columns that the model needs: sepal_length, sepal_width, petal_length"),
        (HEAD.replace("note", "Petal-Length") + "1,2,3,4,5\n", "Columns 1 and 3 both are petal_length."),
        ("", "The file is empty."),
        (HEAD, "rows.csv has no rows."),
        (HEAD + '1,2,"3', "A quote is not closed"),
        ("Größe\n".encode("latin-1"), "This is not text in UTF-8."),
    ],
    ids=["no such columns", "one twice", "nothing", "only names", "open quote", "other letters"],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(visit, urls, text, words):
    expect(choose(visit(urls["iris"]), text)).to_contain_text(words)


def test_without_names_the_columns_are_taken_in_their_order(visit, urls):
    page = visit(urls["iris"])
    expect(choose(page, "5.1\t3.5\t1.4\t0.2\n")).to_contain_text("1 row answered")
    assert records(downloaded(page).replace(b"\t", b","))[0]["prediction"] == "0"


def test_the_download_has_the_form_of_the_file_and_no_formulas(visit, urls):
    """A number stays what it was, whatever it begins with."""
    page = visit(urls["iris"])
    notes = ["=1+1", "-5", "@x", " =1+1", "\uff1d1+1", "1=1"]
    head = "\ufeffnote;sepal_length;sepal_width;petal_length;petal_width"
    choose(page, "\n".join([head, *(f"{note};5;3;1;0" for note in notes)]))
    head, *lines = downloaded(page).decode().splitlines()
    assert head.startswith("\ufeffnote;sepal_length;")
    assert [line.partition(";")[0] for line in lines] == ["'=1+1", "-5", "'@x", "' =1+1", "'\uff1d1+1", "1=1"]


def test_a_hundred_thousand_rows_are_answered_while_the_page_stays_awake(visit, urls, tmp_path):
    page = visit(urls["iris"])
    page.wait_for_load_state("networkidle")  # the other parts of the page have drawn what they show
    page.evaluate("""() => {
      window.slow = [];
      new PerformanceObserver(list => slow.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "longtask" });
    }""")
    file = tmp_path / "rows.csv"  # the browser reads it itself: handing over its text would be the slowest part
    file.write_text(HEAD + "1.4,5.1,,0.2,3.5\n" * 100_000)
    page.locator("#table-file").set_input_files(file)
    said = page.locator("#table .job").get_by_role("status")
    expect(said).to_contain_text("100,000 rows answered", timeout=SLOW_S)
    expect(page.locator("#table .pager")).to_contain_text("1 to 20 of the first 1,000 of 100,000")
    assert max(page.evaluate("slow"), default=0) < 1000
    assert downloaded(page).count(b"\n") == 100_001


def test_a_part_that_is_too_large_busy_or_cut_off_is_sent_again(visit, urls):
    page = visit(urls["iris"])
    page.faults.announce("413", "503", "net::ERR_FAILED")
    replies = iter([{"status": 503, "headers": {"Retry-After": "0"}}, {"status": 413}, None])

    def answer(route):
        reply = next(replies, "pass")
        if reply == "pass":
            route.fallback()
        elif reply:
            route.fulfill(**reply, json={"error": "Not now."})
        else:
            route.abort()

    page.route("**/ui/rows", answer)
    expect(choose(page, HEAD + "1.4,5.1,,0.2,3.5\n" * 9)).to_contain_text("9 rows answered")
    assert [each["error"] for each in records(downloaded(page))] == [""] * 9


def test_what_was_answered_before_it_was_cancelled_can_be_downloaded(visit, urls):
    page = visit(urls["iris"])
    n_asked = iter(range(99))
    # The second part waits until the test cancels it.
    page.route("**/ui/rows", lambda route: route.fallback() if next(n_asked) == 0 else None)
    choose(page, HEAD + "1.4,5.1,,0.2,3.5\n" * 5_000)
    expect(page.locator("#table .pace")).to_contain_text("2,000 rows")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#table .job").get_by_role("status")).to_contain_text("2,000 rows answered, then cancelled")
    assert len(records(downloaded(page))) == 2_000
