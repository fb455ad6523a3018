"""A paragraph on what was done, ready for a paper, and its references."""

from ..document import Section

REFERENCES = (
    "Olsson U (1979). Maximum likelihood estimation of the polychoric correlation "
    "coefficient. Psychometrika 44, 443-460.",
    "Horn JL (1965). A rationale and test for the number of factors in factor "
    "analysis. Psychometrika 30, 179-185.",
    "Braeken J, van Assen MALM (2017). An empirical Kaiser criterion. Psychological "
    "Methods 22, 450-466.",
    "Feldt LS (1965). The approximate sampling distribution of Kuder-Richardson "
    "reliability coefficient twenty. Psychometrika 30, 357-370.",
    "Muthén BO, du Toit SHC, Spisic D (1997). Robust inference using weighted least "
    "squares and quadratic estimating equations in latent variable modeling.",
    "Savalei V (2021). Improving fit indices in structural equation modeling with "
    "categorical data. Multivariate Behavioral Research 56, 390-407.",
    "Wu H, Estabrook R (2016). Identification of confirmatory factor analysis models "
    "of different levels of invariance. Psychometrika 81, 1014-1045.",
    "Samejima F (1969). Estimation of latent ability using a response pattern of "
    "graded scores. Psychometrika Monograph 17.",
    "Zumbo BD (1999). A handbook on the theory and methods of differential item "
    "functioning. Ottawa: Department of National Defense.",
    "Prinsen CAC, Mokkink LB, Bouter LM, et al. (2018). COSMIN guideline for "
    "systematic reviews of patient-reported outcome measures. Quality of Life "
    "Research 27, 1147-1157.",
)


def methods(study, earlier):
    """What was estimated, how, with which seed; then the sources."""
    done = {section.key for section in earlier}
    sentences = [
        f"Answers of {study.n_persons} people to {len(study.items)} items in "
        f"{len(study.scales)} scale(s) were analysed; estimates used every pair of "
        "items that a person answered.",
        "Polychoric correlations were estimated in two steps. The number of "
        "dimensions was judged by parallel analysis, the empirical Kaiser criterion, "
        "Hull, comparison data and minimum average partial side by side; factors were "
        "extracted by minimum residuals"
        + (" and rotated by oblimin." if len(study.scales) > 1 else "."),
        "Rival confirmatory models were fitted by diagonally weighted least squares "
        "with a scaled and shifted test.",
        "Alpha has Feldt's interval; graded response models were calibrated by "
        "marginal maximum likelihood.",
    ]
    if {"comparability", "differential"} & done:
        sentences.append(
            "Invariance was tested by the ladder for ordinal items with scaled "
            "difference tests, and single items by ordinal logistic regression with "
            "purification."
        )
    sentences.append(
        f"The seed was {study.seed}; versions stand at the end of this document."
    )
    return Section(
        key="methods",
        title="How it was done",
        plain=" ".join(sentences),
        notes=REFERENCES,
    )
