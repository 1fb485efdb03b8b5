"""The picture of the decision regions: drawn, moved in, and asked for no more than it must be."""

import re

import numpy as np
import pytest
import requests
from playwright.sync_api import expect

from tests.support.browsing import answer_of, pixels_of, row_of, section
from tests.support.supervised import wait_for
from tests.support.training import FEATURES

N_CELLS = 400  # a side
PIXEL = """(canvas, {x, y}) => {
    const {clientWidth, width, clientHeight, height} = canvas;
    const [column, row] = [Math.floor(x / clientWidth * width), Math.floor(y / clientHeight * height)];
    return Array.from(canvas.getContext("2d").getImageData(column, row, 1, 1).data);
}"""


@pytest.fixture
def picture(visit, urls):
    """Return a function that opens a model's page, and returns its picture once that is drawn."""

    def opened(model):
        page = visit(urls[model])
        page.faults.announce("willReadFrequently")  # only the tests read the canvas
        found = section(page, "Decision regions")
        expect(found.locator(".legend")).to_be_visible()
        return found

    return opened


def ring_of(picture):
    """Return the mark of the current row."""
    return picture.get_by_role("slider", name="Current row in the picture")


def drag(picture, right, up):
    """Drag the ring so many pixels, and let it go."""
    ring, mouse = ring_of(picture), picture.page.mouse
    ring.scroll_into_view_if_needed()
    box = ring.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + right, y - up, steps=10)
    mouse.up()


def test_each_class_of_the_plane_has_its_colour(picture):
    """Three classes, the line where they meet, and nothing that was left out."""
    pixels = pixels_of(picture("iris").locator("canvas").first)
    assert (pixels.shape, len(np.unique(pixels))) == ((N_CELLS, N_CELLS), 4)


def test_each_cell_is_what_predict_answers_there(picture, urls):
    """At 500 places. One on a line where classes meet has the line's colour."""
    iris = picture("iris")
    with iris.page.expect_request("**/ui/regions") as asked:
        iris.get_by_label("Horizontal").select_option(label="sepal length (cm)")
    question = asked.value.post_data_json
    expect(iris.locator("canvas").first).to_have_js_property("width", N_CELLS)
    places = np.random.default_rng(0).integers(0, N_CELLS, (500, 2))
    colours = colours_of(iris)[places[:, 1], places[:, 0]]
    body = {"instances": rows_at(question, (places + 0.5) / N_CELLS)}
    told = np.array(requests.post(f"{urls['iris']}/predict", json=body, timeout=20).json()["predictions"])
    kinds = [np.unique(colours[told == label], return_counts=True) for label in set(told)]
    assert len({each[counts.argmax()] for each, counts in kinds}) == len(kinds) > 1
    assert sum(counts.max() for _, counts in kinds) > 0.97 * len(places)


def colours_of(picture):
    """Return the colours of the cells, row by row from the lowest."""
    return pixels_of(picture.locator("canvas").first)[::-1]


def rows_at(question, places):
    """Return the rows that a question for a picture means at places, from 0 to 1 along x and y."""
    rows = np.array([question["instance"]] * len(places))
    for way, axis in enumerate((question["x"], question["y"])):
        rows[:, FEATURES.index(axis["feature"])] = axis["from"] + (axis["to"] - axis["from"]) * places[:, way]
    return rows.tolist()


def test_it_is_told_to_those_who_do_not_see_it(picture):
    expect(picture("iris").get_by_role("img")).to_have_attribute(
        "aria-label",
        "Decision regions over petal length and petal width; the current row is at 1.4\u00a0cm, 0.2\u00a0cm: setosa",
    )


def test_the_ring_takes_both_features_with_it(picture):
    iris = picture("iris")
    drag(iris, 150, 150)
    expect(answer_of(iris.page)).not_to_have_text("setosa")
    before, now = [5.1, 3.5, 1.4, 0.2], row_of(iris.page)
    assert (now[:2], now[2] > before[2], now[3] > before[3]) == (before[:2], True, True)


def test_a_click_moves_the_row_there(picture):
    iris = picture("iris")
    iris.locator(".plot").click(position={"x": 370, "y": 30})
    expect(answer_of(iris.page)).to_have_text("virginica")


def test_moving_in_the_picture_asks_for_no_other(picture):
    iris, asked = picture("iris"), []
    iris.page.on("request", lambda request: request.url.endswith("/ui/regions") and asked.append(request))
    drag(iris, 150, 150)
    ring_of(iris).press("ArrowUp")
    expect(answer_of(iris.page)).not_to_have_text("setosa")
    assert asked == []


def test_a_feature_that_is_held_fixed_redraws_it(picture):
    iris = picture("iris")
    before = pixels_of(iris.locator("canvas").first)
    iris.page.get_by_role("slider", name="sepal length").press("End")
    wait_for(lambda: not np.array_equal(pixels_of(iris.locator("canvas").first), before), 10)


def test_what_is_drawn_is_what_is_answered_there(picture):
    """The answer under the pointer has its class's colour, and a click there gives it."""
    iris = picture("iris")
    colours = {}
    for place in ({"x": x, "y": y} for x in (15, 205, 385) for y in (15, 205, 385)):
        iris.locator(".plot").hover(position=place)
        told = iris.get_by_text("Here:").inner_text().rpartition(" ")[2]
        colours.setdefault(told, set()).add(tuple(iris.locator("canvas").first.evaluate(PIXEL, place)))
        iris.locator(".plot").click(position=place)
        expect(answer_of(iris.page)).to_have_text(told)
    assert (len(colours), [len(found) for found in colours.values()]) == (3, [1, 1, 1])


@pytest.mark.parametrize(("key", "feature", "sign"), [("ArrowRight", 2, 1), ("ArrowUp", 3, 1), ("ArrowDown", 3, -1)])
def test_arrow_keys_move_the_row(picture, key, feature, sign):
    iris = picture("iris")
    before = row_of(iris.page)
    ring_of(iris).press(key)
    wait_for(lambda: row_of(iris.page) != before, 10)
    assert (row_of(iris.page)[feature] - before[feature]) * sign > 0


def test_the_axes_change_places(picture):
    """The same feature on both would be no picture."""
    iris = picture("iris")
    iris.get_by_label("Horizontal").select_option("petal width (cm)")
    expect(iris.get_by_role("img")).to_have_attribute("aria-label", re.compile("over petal width and petal length"))
    expect(iris.locator(".legend")).to_be_visible()


def test_categories_are_bands(picture):
    churn = picture("churn")
    churn.get_by_label("Vertical").select_option("contract")
    expect(churn.locator(".ticks.up")).to_have_text("monthtwo yearsyear")
    churn.locator(".plot").click(position={"x": 200, "y": 20})
    expect(churn.get_by_text("contract year")).to_be_visible()


def test_a_regressors_colours_have_their_numbers(picture):
    expect(picture("progression").locator(".legend")).to_have_text(re.compile(r"\d+.*\d+"))


def test_the_model_card_leaves_the_picture_as_large_as_its_axes(picture):
    """The card has pictures, too, and a style sheet of its own that comes when one scrolls to it."""
    iris = picture("iris")
    iris.page.locator("#card").scroll_into_view_if_needed()
    expect(section(iris.page, "Model card").get_by_role("heading", name="Limits")).to_be_visible()
    plot, ticks = (iris.locator(part).bounding_box() for part in (".plot", ".ticks.across"))
    assert (plot["x"], plot["width"]) == (ticks["x"], ticks["width"])


ASKED = """async () => {
  const { Asking } = await import("/ui/regions_asking.js");
  const real = window.fetch, heard = [], axes = [{ asked: "x" }, { asked: "y" }];
  window.fetch = (url, { signal, body }) => new Promise((resolve, reject) => {
    const { columns } = JSON.parse(body);
    heard.push(columns);
    signal.addEventListener("abort", () => reject(signal.reason));
    const headers = { "x-columns": columns, "x-rows": columns };
    setTimeout(() => resolve(new Response(new Uint8Array(columns ** 2), { headers })), columns === 400 ? LATE : 0);
  });
  const shown = [], wait = (answer) => answer;
  const found = () => new Promise((resolve) => { done = resolve; });
  let done;
  const show = ({ columns }) => { shown.push(columns); done(); };
  const asking = new Asking({ classes: [1, 2] }, { show, fail: (refusal) => { throw refusal; }, wait });
  for (const [instance, isHurried] of [[[1], false], [[2], false], [[3], true]]) {
    const next = found();
    asking.follow(instance, axes, isHurried);
    await (instance[0] === 2 ? new Promise((resolve) => { setTimeout(resolve, 20); }) : next);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  window.fetch = real;
  return { heard, shown };
}""".replace("LATE", "300")


def test_a_hand_that_drags_again_does_not_wait_for_a_fine_picture(visit, urls):
    """The fine one is given up, as soon as a coarse one, which is quicker, will do."""
    sides = visit(urls["iris"], path="/ui/model").evaluate(ASKED)
    first, second, coarse = sides["heard"]
    assert first == second == N_CELLS > coarse
    assert sides["shown"] == [N_CELLS, coarse]


def test_classes_keep_their_colours_where_the_system_chooses_colours(visit, urls):
    page = visit(urls["iris"], forced_colors="active")
    page.faults.announce("willReadFrequently")
    expect(section(page, "Decision regions").locator(".legend")).to_be_visible()
    assert len(np.unique(pixels_of(section(page, "Decision regions").locator("canvas").first))) == 4
