"""A bank of 72 items whose faults are known: twelve planted, sixty items sound."""

import numpy as np
import pandas as pd

PREREQUISITES = (
    "parity",
    "coordination",
    "personalisation",
    "trust",
    "collaboration",
    "living_document",
)
CUTS = np.array([-1.2, -0.4, 0.4, 1.2])


def planted_bank(seed, n_persons=600):
    """Draw answers to 72 items, 12 a prerequisite, on a strong general factor.

    Returns the answers, the domains, the groups, and {item: fault}. A redundant pair
    is one fault: either of its items counts as finding it.
    """
    rng = np.random.default_rng(seed)
    domains = {p: [f"{p}_{k:02d}" for k in range(1, 13)] for p in PREREQUISITES}
    group = np.arange(n_persons) % 2
    general = rng.standard_normal(n_persons)
    latent, cuts = {}, {}
    for items in domains.values():
        own = 0.8 * general + 0.6 * rng.standard_normal(n_persons)
        for item in items:
            loading = rng.uniform(0.6, 0.8)
            noise = rng.standard_normal(n_persons) * np.sqrt(1 - loading**2)
            latent[item] = (loading, own, noise)
            cuts[item] = CUTS + rng.uniform(-0.5, 0.5)
    faults = dict(zip(rng.permutation([d[2] for d in domains.values()]), _KINDS[:6]))
    faults |= dict(zip(rng.permutation([d[7] for d in domains.values()]), _KINDS[6:]))
    answers = {
        item: _answers(item, faults.get(item), latent, cuts, group, rng)
        for item in latent
    }
    return pd.DataFrame(answers), domains, pd.DataFrame({"group": group}), faults


_KINDS = (
    "redundant",
    "dif",
    "misfit",
    "low_discrimination",
    "ceiling",
    "disordered",
) * 2


def _answers(item, fault, latent, cuts, group, rng):
    loading, own, noise = latent[item]
    here = cuts[item]
    value = loading * own + noise
    if fault == "low_discrimination":
        value = 0.2 * own + noise / noise.std() * np.sqrt(1 - 0.04)
    if fault == "misfit":
        value = 0.75 * np.abs(own) + noise * 0.8
    if fault == "redundant":
        twin = item[:-2] + f"{int(item[-2:]) + 1:02d}"
        a, b, c = latent[twin]
        value = (a * b + c) * 0.97 + 0.24 * rng.standard_normal(len(own))
        here = cuts[twin]
    if fault == "dif":
        value = value + 0.6 * group
    if fault == "ceiling":
        here = np.array([-2.4, -2.0, -1.6, -1.2])
    codes = (value[:, None] > here[None]).sum(axis=1)
    if fault == "disordered":
        codes = np.array([0, 3, 2, 1, 4])[codes]
    return codes.astype(float)


def found(reduction, faults):
    """Which faults were flagged, and how many sound items were."""
    flagged = set(reduction.ledger.loc[reduction.ledger["flagged"], "item"])
    twins = {
        item: {item, item[:-2] + f"{int(item[-2:]) + 1:02d}"}
        for item, kind in faults.items()
        if kind == "redundant"
    }
    caught = {i for i in faults if flagged & twins.get(i, {i})}
    sound = flagged - set(faults) - set().union(*twins.values())
    return caught, sound
