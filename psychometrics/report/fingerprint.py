"""A digest of what a report was made from."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from .study import Study


def fingerprint_of(study: Study) -> str:
    """SHA-256 of labels and codes, then of all else that was read.

    Answers alone give the digest of the answers, whatever the machine; groups,
    background and later occasions are added to it where there are any.
    """
    digest = sha256(_codes(study.responses))
    for frame in (study.groups, study.background, study.population):
        if frame is not None:
            digest.update(frame.to_csv(lineterminator="\n").encode())
    for occasion in (study.retest, study.follow_up):
        if occasion is not None:
            digest.update(_codes(occasion.responses))
            if occasion.background is not None:
                table = occasion.background.to_csv(lineterminator="\n")
                digest.update(table.encode())
    return digest.hexdigest()


def _codes(responses: pd.DataFrame) -> bytes:
    head = ",".join(map(str, responses.columns))
    codes = np.ascontiguousarray(responses.to_numpy(float))
    return head.encode() + codes.tobytes()
