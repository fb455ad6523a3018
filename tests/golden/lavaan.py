"""Lays a fitted model beside lavaan's tables: same rows, same names, same signs."""

import numpy as np
import pandas as pd

NAMES = {
    "chi2": "chisq",
    "p": "pvalue",
    "n": "ntotal",
    "n_free": "npar",
    "loglik": "logl",
    "loglik_h1": "unrestricted.logl",
    "scaling_factor": "chisq.scaling.factor",
    "baseline_p": "baseline.pvalue",
    "baseline_p_scaled": "baseline.pvalue.scaled",
    "baseline_scaling_factor": "baseline.chisq.scaling.factor",
    "scaling_factor_h1": "scaling.factor.h1",
    "scaling_factor_h0": "scaling.factor.h0",
}
_PIECES = (
    ("rmsea_p_close", "rmsea.pvalue"),
    ("rmsea_p_not_close", "rmsea.notclose.pvalue"),
    ("rmsea_ci_", "rmsea.ci."),
    ("baseline_chi2", "baseline.chisq"),
    ("baseline_", "baseline."),
    ("_scaled", ".scaled"),
    ("_robust", ".robust"),
)
ESTIMATES = ("est", "se", "z", "p", "ci_lower", "ci_upper")
STANDARDISED = ("std", "std_se", "std_z", "std_p")
# lavaan's own settings, or the same figure under a second name
NOT_MEASURES = ("fmin", "ci.level", "close.h0", "notclose.h0", "nnfi", "df.scaled")


def lavaan_name(measure):
    """Return lavaan's name of one of our fit measures."""
    if measure in NAMES:
        return NAMES[measure]
    if measure in ("chi2_scaled", "p_scaled"):
        return {"chi2_scaled": "chisq.scaled", "p_scaled": "pvalue.scaled"}[measure]
    for ours, theirs in _PIECES:
        measure = measure.replace(ours, theirs)
    return measure


def fit_pair(fitted, node):
    """Return our measures and lavaan's, for all that lavaan gives a figure for."""
    ours = {lavaan_name(name): value for name, value in fitted.fit.items()}
    theirs = {
        name: value
        for name, value in node["fit"].items()
        if value is not None
        and not name.endswith(NOT_MEASURES)
        and not name.startswith("nnfi")
    }
    names = list(theirs)
    return (
        pd.Series({name: ours.get(name, np.nan) for name in names}, dtype=float),
        pd.Series(theirs, dtype=float),
    )


def estimate_pair(fitted, node, which="estimates"):
    """Return our table and lavaan's, rows matched and factors' signs aligned."""
    theirs = _frame(node[which])
    ours = _matched(fitted.estimates, theirs)
    columns = ESTIMATES if which == "estimates" else STANDARDISED
    signs = _signs(ours, theirs, "est" if which == "estimates" else "std")
    ours = _flipped(ours, signs)[list(columns)]
    return ours.to_numpy(float), theirs[list(columns)].to_numpy(float)


def _frame(node):
    frame = pd.DataFrame({k: v for k, v in node.items() if k != ".rows"})
    return frame.rename(
        columns={
            "pvalue": "p",
            "ci.lower": "ci_lower",
            "ci.upper": "ci_upper",
            "est.std": "std",
        }
        | ({"se": "std_se", "z": "std_z"} if "est.std" in frame else {})
        | ({"pvalue": "std_p"} if "est.std" in frame else {})
    )


def _matched(estimates, theirs):
    groups = theirs["group"] if "group" in theirs else [1] * len(theirs)
    keys = [
        _key(lhs, op, rhs, group)
        for lhs, op, rhs, group in zip(
            theirs["lhs"], theirs["op"], theirs["rhs"], groups
        )
    ]
    own = [_key(row.lhs, row.op, row.rhs, row.group) for row in estimates.itertuples()]
    table = estimates.set_axis(pd.Index(own, tupleize_cols=False), axis=0)
    assert not set(keys) - set(own), f"no row for {sorted(set(keys) - set(own))[:3]}"
    return table.loc[pd.Index(keys, tupleize_cols=False)].reset_index(drop=True)


def _key(lhs, op, rhs, group):
    if op == "~~":
        lhs, rhs = sorted((lhs, rhs))
    return (op, lhs, rhs, int(group))


def _signs(ours, theirs, column):
    """A factor's sign is free where its variance is fixed: take lavaan's."""
    signs = {}
    paths = ours[ours["op"] == "=~"]
    factors = set(paths["lhs"])
    of_factors = paths["rhs"].isin(factors)
    for part in (paths[~of_factors], paths[of_factors]):
        for i, row in part.iterrows():
            same = np.sign(row[column] * theirs.loc[i, column]) or 1.0
            same *= signs.get((row["rhs"], row["group"]), 1.0)
            signs.setdefault((row["lhs"], row["group"]), same)
    return signs


def _flipped(ours, signs):
    ours = ours.copy()
    names = {name for name, _ in signs}
    for i, row in ours.iterrows():
        sign = 1.0
        if row["op"] in ("=~", "~~", "~1"):
            for name in (row["lhs"], row["rhs"]):
                sign *= signs.get((name, row["group"]), 1.0) if name in names else 1.0
        if sign < 0:
            ours.loc[i, ["est", "z", "std", "std_z"]] *= -1
            low, high = row["ci_lower"], row["ci_upper"]
            ours.loc[i, ["ci_lower", "ci_upper"]] = -high, -low
    return ours


def modification_pair(fitted, node):
    """Return our and lavaan's ten largest indices: mi and sizes of the changes."""
    theirs = pd.DataFrame(node["modindices_top10"])
    changes = fitted.modification_indices()
    ours = changes.assign(
        is_free=False,
        key=[_key(r.lhs, r.op, r.rhs, r.group) for r in changes.itertuples()],
    ).set_index("key")
    keys = [
        _key(r.lhs, r.op, r.rhs, getattr(r, "group", 1)) for r in theirs.itertuples()
    ]
    ours = ours.loc[pd.Index(keys, tupleize_cols=False)]
    theirs = theirs[["mi", "epc", "sepc.lv", "sepc.all"]].to_numpy(float)
    return abs(ours[["mi", "epc", "sepc_lv", "sepc_all"]].to_numpy(float)), abs(theirs)
