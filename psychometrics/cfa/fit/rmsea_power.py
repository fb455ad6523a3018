"""Power of the test of close fit, and the sample it needs."""

from __future__ import annotations

from scipy.special import chdtri, chndtr, chndtrix

from ...errors import NotIdentified


def rmsea_power(
    df: int,
    n: int,
    *,
    null: float = 0.05,
    alternative: float = 0.08,
    alpha: float = 0.05,
) -> float:
    """Return the power to tell one RMSEA from another (MacCallum et al., 1996).

    Parameters
    ----------
    df, n : int
        Degrees of freedom of the model, above zero; persons.
    null, alternative : float
        RMSEA under the hypothesis and in truth: with `alternative` above `null` the
        test of close fit, below it the test of not-close fit.
    alpha : float in (0, 1)
        Level of the test.

    Returns
    -------
    float
        Power, between 0 and 1.

    Raises
    ------
    NotIdentified
        The model has no degrees of freedom.

    Examples
    --------
    >>> round(rmsea_power(100, 200), 3)
    0.955
    """
    if df < 1:
        raise NotIdentified("no degrees of freedom; RMSEA cannot be tested")
    at_null, truth = ((n - 1) * df * value**2 for value in (null, alternative))
    tail = alpha if alternative > null else 1 - alpha
    limit = chndtrix(1 - tail, df, at_null) if at_null else chdtri(df, tail)
    below = float(chndtr(limit, df, truth))
    return 1 - below if alternative > null else below


def rmsea_sample_size(
    df: int,
    *,
    power: float = 0.8,
    null: float = 0.05,
    alternative: float = 0.08,
    alpha: float = 0.05,
) -> int:
    """Return the fewest persons with that power (MacCallum et al., 1996).

    Parameters
    ----------
    df : int
        Degrees of freedom of the model, above zero.
    power : float in (0, 1)
        What the test is to reach.
    null, alternative, alpha
        As in `rmsea_power`.

    Returns
    -------
    int
        Persons.

    Raises
    ------
    NotIdentified
        As `rmsea_power`.

    Examples
    --------
    >>> rmsea_sample_size(100)
    132
    """
    low, high = 2, 4
    options = {"null": null, "alternative": alternative, "alpha": alpha}
    while rmsea_power(df, high, **options) < power:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if rmsea_power(df, middle, **options) < power:
            low = middle
        else:
            high = middle
    return high
