"""How likely a statistic is at least this large by chance, as SciPy has it; serving has no SciPy."""

from math import erfc, exp, fsum, lgamma, log, sqrt


def chi_square_tail(statistic: float, n_free: int) -> float:
    """Return the chance that χ² with n_free degrees of freedom is at least this large.

    For whole degrees of freedom the regularised incomplete gamma function Q(n_free / 2, statistic / 2) is a finite sum
    (Abramowitz and Stegun, 26.4.4 and 26.4.5).
    """
    if n_free < 1 or statistic <= 0:
        return 1.0
    half, odd = statistic / 2, n_free % 2
    powers = (step + odd / 2 for step in range(n_free // 2))
    terms = (exp(power * log(half) - half - lgamma(power + 1)) for power in powers)
    return min(1.0, fsum([erfc(sqrt(half)) if odd else 0.0, *terms]))


def share_tail(n_some: int, n_rows: int, n_some_before: int, n_rows_before: int) -> float:
    """Return the chance that the shares of two samples differ so much in this direction: Fisher's exact test.

    Args:
        n_some: how many of the first sample's rows have something, such as no value.
        n_rows: how many rows it has.
        n_some_before: the same of the second sample.
        n_rows_before: the same.
    """
    if n_some * n_rows_before < n_some_before * n_rows:  # fewer than before: the same as more of those that have it not
        return share_tail(n_rows - n_some, n_rows, n_rows_before - n_some_before, n_rows_before)
    n_all, n_both = n_some + n_some_before, n_rows + n_rows_before
    chance = exp(
        _log_choices(n_rows, n_some) + _log_choices(n_rows_before, n_some_before) - _log_choices(n_both, n_all)
    )
    chances = [chance]
    for more in range(n_some, min(n_all, n_rows)):
        left = n_all - more
        chance *= (n_rows - more) * left / ((more + 1) * (n_rows_before - left + 1))
        if chance < chances[0] * 1e-17:
            break
        chances.append(chance)
    return min(1.0, fsum(chances))


def _log_choices(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
