"""Pictures as SVG inside a page, whose style colours them for light and dark."""

from collections.abc import Iterable, Sequence
from html import escape
from math import isfinite

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 200, 56, 24, 8


def element(tag: str, content: str = "", **attributes: object) -> str:
    """Return an element; a trailing _ of a name is left out, other ones are written as hyphens."""
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_text(value))}"' for name, value in attributes.items()
    )
    return f"<{tag}{named}>{content}</{tag}>"


def picture(parts: Iterable[str], title: str, height: int = HEIGHT) -> str:
    """Return a picture with a title, for those who do not see it, too."""
    content = element("title", escape(title)) + "".join(parts)
    return element("svg", content, viewBox=f"0 0 {WIDTH} {height}", role="img", aria_label=title)


class Plot:
    """A field with axes.

    Args:
        xs: the ends of the horizontal axis.
        ys: the ends of the vertical one.
        height: of the picture.
    """

    def __init__(self, xs: tuple[float, float], ys: tuple[float, float], height: int = HEIGHT) -> None:
        self.xs, self.height = xs, height
        self.ys = ys if ys[1] > ys[0] else (ys[0], ys[0] + 1)

    def x(self, value: float) -> float:
        """Return where a value stands."""
        return LEFT + (WIDTH - LEFT - 4) * (value - self.xs[0]) / ((self.xs[1] - self.xs[0]) or 1)

    def y(self, value: float) -> float:
        """Return where a value stands."""
        low, high = self.ys
        return self.height - BOTTOM - (self.height - BOTTOM - TOP) * (value - low) / (high - low)

    def axes(self, labels: Sequence[tuple[float, str]], ends: tuple[str, str]) -> str:
        """Return lines at some values, with labels, and what stands below both ends."""
        found = []
        for value, text in labels:
            y = self.y(value)
            found.append(element("line", x1=LEFT, x2=WIDTH - 4, y1=y, y2=y, class_="grid"))
            found.append(element("text", escape(text), x=LEFT - 6, y=y + 4, text_anchor="end"))
        for x, anchor, text in ((LEFT, "start", ends[0]), (WIDTH - 4, "end", ends[1])):
            found.append(element("text", escape(text), x=x, y=self.height - 6, text_anchor=anchor))
        return "".join(found)

    def bar(self, x: tuple[float, float], y: tuple[float, float], class_: str, title: str) -> str:
        """Return a bar between two values on either axis."""
        (left, right), (bottom, top) = map(self.x, x), map(self.y, y)
        size = {"width": max(0.8, right - left - 0.6), "height": max(0.0, bottom - top)}
        return element("rect", element("title", escape(title)), x=left, y=top, class_=class_, **size)

    def line(self, points: Sequence[tuple[float, float]], class_: str) -> str:
        """Return a line through points; a single one is a dot."""
        if len(points) == 1:
            (x, y), *_ = points
            return element("circle", cx=self.x(x), cy=self.y(y), r=2.5, class_=f"{class_} dot")
        path = "M" + "L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in points)
        return element("path", d=path, class_=class_) if points else ""

    def band(self, points: Sequence[tuple[float, float, float]], class_: str) -> str:
        """Return a band between a lower and an upper value at each point."""
        there = [f"{self.x(x):.1f} {self.y(high):.1f}" for x, _, high in points]
        back = [f"{self.x(x):.1f} {self.y(low):.1f}" for x, low, _ in reversed(points)]
        return element("path", d=f"M{'L'.join([*there, *back])}Z", class_=class_) if points else ""


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}" if isfinite(value) else "0"
    return str(value)
