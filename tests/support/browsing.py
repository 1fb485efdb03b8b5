"""Pages in Debian's Chromium, and what must not happen on any of them."""

import json
import os
import shutil
from base64 import b64decode
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page, expect

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# Root has no sandbox, and a container's /dev/shm is small.
OPTIONS = ["--disable-dev-shm-usage"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
WATCH = """
addEventListener("securitypolicyviolation", event =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`));
"""
# As text of base 64, since a list of so many numbers takes seconds.
PIXELS = """async canvas => {
    const {data, width, height} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const reader = new FileReader();
    await new Promise(done => { reader.onload = done; reader.readAsDataURL(new Blob([data])); });
    return [height, width, reader.result.split(",")[1]];
}"""
OURS = ("blob:", "data:", "about:")  # loaded from the page itself

expect.set_options(timeout=15_000)  # a busy machine must not fail a test


class Faults:
    """What went wrong on a page; a test fails for each that it did not announce."""

    def __init__(self, origin):
        self.origin, self.announced, self.seen = origin, (), []

    def announce(self, *words):
        """Let pass what has any of these words: a server that is stopped cannot be reached, and the browser says so."""
        self.announced += words

    def watch(self, page: Page):
        """Keep what goes wrong on a page from now on."""
        page.add_init_script(WATCH)
        page.on("console", lambda message: message.type in {"error", "warning"} and self.note(message.text))
        page.on("pageerror", lambda error: self.note(f"uncaught: {error}"))
        page.on("request", lambda request: self.note_origin(request.url))

    def note(self, text):
        """Keep a fault."""
        self.seen.append(text)

    def note_origin(self, url):
        """Keep a request that leaves for elsewhere."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.origin and not url.startswith(OURS):
            self.note(f"asked elsewhere: {url}")

    @property
    def unannounced(self):
        """Return those that no test expected."""
        return [text for text in self.seen if not any(words in text for words in self.announced)]


def launched(playwright, **options):
    """Return Chromium, started without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, **options)


def pixels_of(canvas):
    """Return a canvas' pixels, shape (height, width), each its four bytes as one number."""
    height, width, content = canvas.evaluate(PIXELS)
    return np.frombuffer(b64decode(content), np.uint32).reshape(height, width)


def section(page: Page, name):
    """Return the part of the page with this heading."""
    return page.get_by_role("region", name=name, exact=True)


def answer_of(page: Page):
    """Return the line that says what the model answers."""
    return page.locator("#prediction .answer")


def bars_of(part):
    """Return the texts of bars by their labels."""
    return dict(
        zip(part.locator(".bar-label").all_inner_texts(), part.locator(".bar-text").all_inner_texts(), strict=True)
    )


def row_of(page: Page):
    """Return the row that a page is about, as the curl line has it."""
    line = page.locator(".curl code").inner_text()
    return json.loads(line[line.index("{") : line.rindex("}") + 1].replace("'\\''", "'"))["instances"][0]


def paste(page: Page, text):
    """Paste a row into the dialog for one."""
    page.get_by_role("button", name="Paste a row").click()
    page.get_by_role("dialog").get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Use this row").click()


def slowed(page: Page, ms):
    """Let everything on a page's network take so much longer from now on."""
    speed = {"offline": False, "latency": ms, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", speed)
