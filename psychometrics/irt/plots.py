"""Pictures that show persons and items together."""

import numpy as np


def wright_map(parameters, theta, ax):
    """Draw the distribution of persons above the thresholds of each item."""
    ax.hist(theta[np.isfinite(theta)], bins=30, alpha=0.5, density=True)
    for height, (_, cuts) in enumerate(parameters.thresholds.iterrows()):
        level = -0.1 * (height + 1)
        for step, cut in cuts.dropna().items():
            ax.annotate(str(step), (cut, level), ha="center", va="center", fontsize=8)
    ax.set_yticks(
        [-0.1 * (j + 1) for j in range(len(parameters.items))], parameters.items
    )
    reach = parameters.thresholds.to_numpy()
    ax.set_xlim(min(np.nanmin(reach), -3) - 0.3, max(np.nanmax(reach), 3) + 0.3)
    ax.set_ylim(-0.1 * (len(parameters.items) + 1), None)
    ax.set(xlabel="theta", title="Persons above, thresholds below")
    return ax
