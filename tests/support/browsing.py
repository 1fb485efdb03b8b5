"""Pages in Debian's Chromium, and what must not happen on any of them."""

import os
import shutil
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# Root has no sandbox, and a container's /dev/shm is small.
OPTIONS = ["--disable-dev-shm-usage"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
WATCH = """
addEventListener("securitypolicyviolation", event =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`));
"""
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
    """Return a canvas' width, height and its bytes, four for each pixel."""
    read = """canvas => [canvas.width, canvas.height,
        Array.from(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)]"""
    return canvas.evaluate(read)
