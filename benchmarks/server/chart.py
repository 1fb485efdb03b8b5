"""The results as one picture, for light and dark pages: no background, and greys and colours that show on both."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

INK = "#7b838b"  # contrast above 3.8 on white and on GitHub's dark page
OURS, OTHERS = "#2f81f7", "#8b949e"
PARTS = ("#8b949e", "#db6d28", "#a371f7", "#3fb950", "#2da44e", "#a2c96a", "#d4a72c", "#2f81f7")
STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "iris",  # equal results give an equal file
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 10,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
}


def draw(results: Mapping[str, Any], file: Path) -> None:
    """Draw what a request costs, latency and, if it was measured, where the time goes."""
    peers = [peer | {"name": name} for name, peer in results["peers"].items() if "figures" in peer]
    peers.sort(key=lambda peer: -peer["figures"]["cpu_us"]["median"])
    heights = [0.3 * len(peers) + 0.2, 0.8]  # inches
    layout = {"figsize": (10, sum(heights) + 2.4), "height_ratios": heights, "layout": "constrained"}
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplot_mosaic([["cost", "latency"], ["parts", "parts"]], **layout)
        cost(axes["cost"], peers)
        latency(axes["latency"], peers)
        parts(axes["parts"], results["breakdown"])
        figure.savefig(file, transparent=True, metadata={"Date": None})
        plt.close(figure)


def cost(axes: Any, peers: list[dict[str, Any]]) -> None:
    """Draw a dot for each peer's processor time for a request, and a line from its least to its greatest."""
    for place, peer in enumerate(peers):
        figure, colour = peer["figures"]["cpu_us"], colour_of(peer)
        axes.plot([figure["min"], figure["max"]], [place, place], color=colour, linewidth=4, solid_capstyle="butt")
        axes.plot(figure["median"], place, "o", color=colour)
        text = f"{figure['median']:,.0f} µs, {peer['figures']['rps_32']['median']:,.0f}/s"
        axes.annotate(text, (figure["max"], place), (8, 0), textcoords="offset points", va="center")
    axes.set_title("processor µs a request; requests/s, c=32")
    axes.set_yticks(range(len(peers)), [peer["title"] for peer in peers])
    logarithmic(axes)
    axes.margins(x=0.5)


def latency(axes: Any, peers: list[dict[str, Any]]) -> None:
    """Draw each peer's latency at its rate: a dot for the median, a line up to p99, and a tick at p99.9."""
    for place, peer in enumerate(peers):
        p50, p99, p999 = (each and each["median"] for each in map(peer["figures"].get, ("p50_ms", "p99_ms", "p999_ms")))
        colour = colour_of(peer)
        axes.plot([p50, p99], [place, place], color=colour, linewidth=4, solid_capstyle="butt")
        axes.plot(p50, place, "o", color=colour)
        if p999:
            axes.plot(p999, place, "|", color=colour, markersize=10, markeredgewidth=2)
    axes.set_title("ms at half load: dot p50, line to p99, tick p99.9")
    axes.set_yticks(range(len(peers)), [])
    logarithmic(axes)


def colour_of(peer: Mapping[str, Any]) -> str:
    """Return a peer's colour; ours stands out."""
    return OURS if peer["name"].startswith("iris") else OTHERS


def logarithmic(axes: Any) -> None:
    """Give a panel of peers its log scale and its grid."""
    axes.set_xscale("log")
    axes.set_xlabel("log scale")
    axes.set_ymargin(0.06)
    axes.grid(axis="both", color=INK, alpha=0.25)
    bare(axes)


def parts(axes: Any, breakdown: Mapping[str, Any]) -> None:
    """Draw a request's processor time on each way as a bar of parts."""
    if "error" in breakdown:
        axes.axis("off")
        return
    names = dict.fromkeys(name for way in breakdown.values() for name in way)
    starts = [0.0] * len(breakdown)
    for name, colour in zip(names, PARTS, strict=False):
        widths = [max(way.get(name, 0), 0) for way in breakdown.values()]
        axes.barh(range(len(starts)), widths, left=starts, color=colour, label=name)
        starts = [start + width for start, width in zip(starts, widths, strict=True)]
    axes.set_yticks(range(len(starts)), breakdown)
    axes.set_title("where the processor time of one request to this project goes, µs")
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.35), ncols=4, frameon=False, labelcolor=INK)
    bare(axes)


def bare(axes: Any) -> None:
    """Leave out the frame, and the ticks between the powers of ten."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.minorticks_off()
