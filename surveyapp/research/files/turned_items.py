"""Items that go against the others of their scale, as worded the other way round."""

FEWEST = 30  # persons who answered both of two items
CLEAR = -0.1  # mean correlation with the others


def against_their_scale(table, settings):
    """Sentences on items that correlate negatively with the rest of their scale.

    `table` is what `read_answers` gave, before any item is turned; the items that
    `settings` say are turned are.
    """
    reverse = [item for item in settings.reverse if item in table.items]
    codes = table.turned(reverse, settings.categories).items if reverse else table.items
    for scale, items in settings.scales.items():
        corr = codes[list(items)].corr(min_periods=FEWEST)
        mean = (corr.sum() - 1) / (corr.notna().sum() - 1).clip(lower=1)
        turned = mean.index[mean < CLEAR].tolist() if len(items) > 2 else []
        if 0 < len(turned) <= len(items) / 2:
            listed = ", ".join(f"{item} ({mean[item]:.2f})" for item in turned)
            go = "goes" if len(turned) == 1 else "go"
            yield (
                f"{listed} {go} against the other items of {scale}; --reverse "
                f"{','.join(turned)} if worded the other way round"
            )
        elif halves := _halves(corr, len(items)):
            one, other = (", ".join(half) for half in halves)
            yield (
                f"{one} go against {other} in {scale}, and as many stand on each side; "
                "say by --reverse which of the two are worded the other way round"
            )


def _halves(corr, n_items):
    """The two halves of a scale that go against each other; None without such."""
    import numpy as np  # the list of commands does not wait for it

    signs = np.linalg.eigh(corr.fillna(0.0).to_numpy())[1][:, -1] > 0
    if 2 * signs.sum() != n_items or n_items < 4:
        return None
    if not np.nanmean(corr.loc[signs, ~signs].to_numpy()) < CLEAR:
        return None
    first = signs if signs[0] else ~signs
    return corr.index[first].tolist(), corr.index[~first].tolist()
