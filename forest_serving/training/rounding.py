"""Numbers as a report gives them."""


def rounded(scores: dict[str, float]) -> dict[str, float]:
    """Return scores from 0 to 1 with four digits behind the point."""
    return {measure: round(score, 4) for measure, score in scores.items()}


def significant(value: float) -> float:
    """Return a number of any size with five digits."""
    return float(f"{value:.5g}")
