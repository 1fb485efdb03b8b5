"""The parts of the report's page, in HTML; every text of a log or a card is escaped."""

from collections.abc import Iterable, Sequence
from html import escape


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = (), caption: str = "") -> str:
    """Return a table.

    Args:
        head: the columns' names.
        rows: their cells, which are text.
        numbers: which columns hold numbers.
        caption: what it is.
    """
    kinds = ['class="n"' if place in set(numbers) else 'class="id"' for place in range(len(head))]
    top = "".join(f'<th scope="col" {kind}>{escape(text)}</th>' for kind, text in zip(kinds, head, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td {kind}>{escape(text)}</td>' for kind, text in zip(kinds, row, strict=True))}</tr>"
        for row in rows
    )
    words = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{words}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and values."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(text)}</dd>' for name, text in pairs)}</dl>"


def figure(picture: str, words: str = "", legend: Iterable[tuple[str, str]] = ()) -> str:
    """Return a picture, what it shows, and which colour (by its variable) means what."""
    keys = "".join(
        f'<span><i class="key" style="--k: var(--{colour})"></i>{escape(text)}</span>' for colour, text in legend
    )
    shown = f'<p class="legend soft">{keys}</p>' if keys else ""
    caption = f"<figcaption>{escape(words)}</figcaption>" if words else ""
    return f"<figure>{picture}{shown}{caption}</figure>"


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph."""
    return f'<p class="{style}">{escape(text)}</p>' if style else f"<p>{escape(text)}</p>"


def heading(text: str, level: int = 2) -> str:
    """Return a heading."""
    return f"<h{level}>{escape(text)}</h{level}>"
