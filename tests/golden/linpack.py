"""The complement of a matrix that R's qr() gives, also when it is not of full rank."""

import numpy as np


def trailing_columns(slopes, tol=1e-7):
    """Return the columns of the square Q beyond the number of columns of `slopes`.

    Householder reflections in column order (Dongarra et al., 1979, LINPACK Users'
    Guide, ch. 9); as R documents for its default, a column that is within `tol` of
    those before it is passed over. The first `rank` columns of Q span the columns of
    `slopes`, so every later one is orthogonal to them. If the rank is lower than the
    number of columns, columns between the two are orthogonal too but not returned:
    which directions are left then depends on the order of the rows.

    Parameters
    ----------
    slopes : array, shape (n_moments, n_parameters)

    Returns
    -------
    array, shape (n_moments, n_moments - n_parameters)
    """
    turned, used = np.eye(len(slopes)), 0
    for column in slopes.T:
        mirror = (turned @ column)[used:]
        length = np.linalg.norm(mirror)
        if length < tol * np.linalg.norm(column):
            continue
        mirror /= np.copysign(length, mirror[0])
        mirror[0] += 1
        turned[used:] -= np.outer(mirror, mirror @ turned[used:]) / mirror[0]
        used += 1
    return turned[slopes.shape[1] :].T
