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
