"""One small fitted result of every class, for tests that look at all of them."""

import warnings
from functools import cache, cached_property

import numpy as np
import pandas as pd

import psychometrics as ps
from psychometrics.mokken import nonintersection, scale_reliability
from psychometrics.mokken.guttman import guttman_errors
from psychometrics.report import Cover, Outcome, Section, Verdict


class Study:
    """Answers to items in scales, and what several results are made from."""

    def __init__(self, answers, scales):
        self.answers, self.scales = answers, scales
        self.items = [item for items in scales.values() for item in items]
        self.model = ps.correlated_factors_model(scales)

    @classmethod
    def simulated(cls, n_scales=3, n_items=3, n_persons=400):
        """Correlated factors, four categories, one answer in fifty missing."""
        loadings, phi = ps.simulate.simple_structure(
            n_scales, n_items, loading=0.75, correlation=0.5
        )
        rng = np.random.default_rng(5)
        made = ps.simulate.responses(
            n_persons,
            rng=rng,
            loadings=loadings,
            factor_corr=phi,
            thresholds=[-1.0, 0.0, 0.9],
        )
        items = list(made.responses)
        answers = made.responses.mask(rng.random(made.responses.shape) < 0.02)
        scales = {
            f"scale_{k + 1}": items[n_items * k : n_items * (k + 1)]
            for k in range(n_scales)
        }
        return cls(answers, scales)

    @property
    def rng(self):
        """A generator of its own for each result, whatever was made before."""
        return np.random.default_rng(8)

    @property
    def first(self):
        return self.answers[next(iter(self.scales.values()))]

    @cached_property
    def complete(self):
        return self.answers.dropna()

    @cached_property
    def sides(self):
        return pd.Series(np.where(np.arange(len(self.answers)) % 2, "user", "carer"))

    @cached_property
    def totals(self):
        """Sum scores of two occasions."""
        first = self.complete.sum(axis=1)
        return first, (first + self.rng.normal(0.5, 2, len(first))).round()

    @cached_property
    def polychoric(self):
        return ps.polychoric(self.answers)

    @cached_property
    def explored(self):
        n_factors = len(self.scales)
        corr, n = self.polychoric.corr, len(self.answers)
        return ps.explore(None, n_factors, corr=corr, n_obs=n)

    @cached_property
    def graded(self):
        return ps.graded_response(self.answers)

    @cached_property
    def partial_credit(self):
        return ps.conditional_partial_credit(self.complete)

    @cached_property
    def confirmed(self):
        return ps.confirm(self.model, self.answers, std_lv=True)


def make(name, study):
    """Return the result of the class called `name`; its warnings are not the matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ps.PsychometricsWarning)
        return RESULTS[name](study)


@cache
def study():
    return Study.simulated()


@cache
def made(name):
    """The result of the class called `name`, made once from one study."""
    return make(name, study())


def _adaptive(s):
    stop = ps.adaptive.StopRule(min_items=3, max_items=6)
    test = ps.adaptive.AdaptiveTest(s.graded, s.scales, stop=stop)
    return ps.adaptive.simulate(test, np.linspace(-3, 2, 40), rng=s.rng)


def _coded(s):
    reasons = pd.DataFrame(None, s.first.index, s.first.columns, dtype=object)
    ranges = dict.fromkeys(s.first, (s.first.min().min(), s.first.max().max()))
    coding = {"cannot_remember": "missing"}
    return ps.code_reasons(
        s.first,
        reasons.where(s.first.notna(), "cannot_remember"),
        coding,
        categories=ranges,
    )


def _compared(s):
    smaller = ps.rating_scale(s.answers, se=False)
    return ps.likelihood_ratio(smaller, ps.partial_credit(s.answers, se=False))


def _confirmed_freely(s):
    return ps.confirm(s.model, s.complete, estimator="ml", std_lv=True)


def _nested(s):
    equal = s.model + "\n" + f"{s.confirmed.latents[0]} ~~ 0.3*{s.confirmed.latents[1]}"
    models = {"free": s.model, "one correlation fixed": equal}
    return ps.compare_nested(
        {
            name: ps.confirm(text, s.answers, std_lv=True)
            for name, text in models.items()
        }
    )


def _hypotheses(s):
    names = ["satisfaction, r", "symptoms, r", "users above carers, g", "age, r"]
    ends = {"low": [0.5, -0.3, 0.2, np.nan], "high": [np.nan, 0.3, np.nan, 0.1]}
    found = pd.Series([0.62, 0.1, 0.05, -0.4], index=names)
    reach = pd.DataFrame({"low": found - 0.1, "high": found + 0.1})
    return ps.judge_hypotheses(pd.DataFrame(ends, names), found, intervals=reach)


def _linked(s):
    old = s.graded.parameters
    half = ps.graded_response(s.answers.iloc[::2], se=False).parameters
    return ps.link(old, half)


def _rivals(s):
    models = {"one factor": ps.one_factor_model(s.scales), "scales": s.model}
    return ps.compare_models(models, s.answers, folds=0, std_lv=True)


def _screened(s):
    background = pd.DataFrame(
        {"side": s.sides, "mode": s.rng.choice(["web", "paper"], len(s.answers))}
    )
    return ps.dif_screen(s.answers, background)


def _forms(s):
    kept = [items[0] for items in s.scales.values()]
    return ps.compare_forms(s.complete, [*kept, s.items[1]], s.scales)


def _rated(s):
    ratings = s.rng.integers(2, 5, (9, len(s.items)))
    return ps.content_validity(pd.DataFrame(ratings, columns=s.items))


def _shewhart(s):
    months = np.repeat([f"2025-{month:02d}" for month in range(1, 13)], 30)
    scores = s.rng.normal(50, 10, len(months)) + np.where(months > "2025-09", 12, 0)
    return ps.xbar_s_chart(scores, months, baseline=8)


def _hidden(s):
    counts = pd.DataFrame(
        {"users": [50, 4, 30], "carers": [20, 12, 25]}, index=["north", "east", "west"]
    )
    return ps.suppress(counts)


def _ranges(s):
    values = s.answers.to_numpy()
    return dict.fromkeys(s.items, (np.nanmin(values), np.nanmax(values)))


def _important(s):
    rng = s.rng
    change = rng.normal(2, 5, 300)
    anchor = np.clip(np.round(change / 5 + rng.normal(0, 0.9, 300)), -2, 2)
    return ps.minimal_important_change(pd.Series(change), pd.Series(anchor))


def _pair(table):
    return table.iloc[:, 0], table.iloc[:, 1]


def _report(s):
    verdicts = [
        Verdict(judge="ours", criterion=f"criterion {o}", found="0.8", outcome=o)
        for o in Outcome
    ]
    sections = [
        Section(
            key=name,
            title=name,
            plain="What was found.",
            verdicts=tuple(verdicts[: k + 1]),
        )
        for k, name in enumerate(("structure", "reliability", "hypotheses"))
    ]
    cover = Cover(
        title="Validation",
        date="1 May 2026",
        source="answers",
        fingerprint="0" * 8,
        n_persons=400,
        n_items=9,
        seed=1,
    )
    return ps.ValidationReport(cover=cover, sections=tuple(sections))


def _composite(s):
    unique = s.explored.uniquenesses
    return ps.composite_reliability(s.explored.loadings, s.explored.factor_corr, unique)


RESULTS = {
    "AdaptiveSimulation": _adaptive,
    "AlphaResult": lambda s: ps.cronbach_alpha(s.answers),
    "AndersenTest": lambda s: ps.andersen_test(s.partial_credit),
    "BifactorResult": lambda s: ps.bifactor_graded(s.answers, s.scales, se=False),
    "BlandAltmanResult": lambda s: ps.bland_altman(*s.totals),
    "BootstrapErrors": lambda s: ps.bootstrap_errors(
        s.model, s.complete, estimator="ml", std_lv=True, n_replications=5
    ),
    "BootstrappedFactors": lambda s: ps.bootstrap_loadings(
        s.complete, len(s.scales), corr="pearson", n_replications=8
    ),
    "ChangeResult": lambda s: ps.group_change(*s.totals),
    "CodedResponses": _coded,
    "CompositeResult": _composite,
    "ConditionResult": lambda s: ps.conditioning(s.polychoric.corr),
    "ConditionalResult": lambda s: s.partial_credit,
    "ConfirmedModel": lambda s: s.confirmed,
    "ContentValidity": _rated,
    "ControlChart": _shewhart,
    "CorrelationResult": lambda s: ps.pearson(s.answers),
    "DifCutoffs": lambda s: ps.dif_cutoffs(
        s.first, s.sides, n_replications=4, alpha=0.2, method="mantel"
    ),
    "DifResult": lambda s: ps.dif(s.answers, s.sides),
    "DifScreen": _screened,
    "DynamicCutoffs": lambda s: ps.dynamic_cutoffs(s.confirmed, n_replications=4),
    "ExploratoryFactors": lambda s: s.explored,
    "FactorCount": lambda s: ps.minimum_average_partial(s.answers),
    "FactorFit": lambda s: s.explored.fit,
    "FormComparison": _forms,
    "GuttmanErrors": lambda s: guttman_errors(s.complete),
    "HTMTResult": lambda s: ps.htmt(s.polychoric.corr, s.scales),
    "HypothesesResult": _hypotheses,
    "ICCResult": lambda s: ps.icc(pd.concat(s.totals, axis=1)),
    "Invariance": lambda s: ps.invariance(
        s.model, s.answers, s.sides, steps=("thresholds", "loadings")
    ),
    "InvariantOrdering": lambda s: ps.invariant_ordering(s.complete),
    "IrtResult": lambda s: s.graded,
    "ItemDescription": lambda s: ps.describe_items(s.answers),
    "ItemFit": lambda s: s.graded.item_fit(),
    "ItemParameters": lambda s: s.graded.parameters,
    "ItemRetestResult": lambda s: ps.retest_items(s.complete, s.complete.shift(-1)),
    "KMOResult": lambda s: ps.kmo(s.polychoric.corr),
    "RaterAgreementResult": lambda s: ps.rater_agreement(s.complete),
    "KappaResult": lambda s: ps.weighted_kappa(*_pair(s.complete)),
    "KnownGroupsResult": lambda s: ps.known_groups(s.answers.sum(axis=1), s.sides),
    "LambdaResult": lambda s: ps.guttman_lambdas(s.complete),
    "LatentRegression": lambda s: s.graded.regress(
        pd.DataFrame({"side": s.sides == "user"}, dtype=float)
    ),
    "Link": _linked,
    "LocalDependence": lambda s: s.graded.local_dependence(),
    "MCARResult": lambda s: ps.little_mcar(s.first),
    "McDonaldOmega": lambda s: ps.mcdonald_omega(s.first, ordinal=True),
    "MICResult": _important,
    "MeanInterval": lambda s: ps.mean_interval(s.totals[0]),
    "ModelComparison": _compared,
    "ModelFit": lambda s: s.graded.model_fit(),
    "Monotonicity": lambda s: ps.monotonicity(s.answers),
    "MonteCarlo": lambda s: ps.monte_carlo(
        ps.population_of(s.confirmed), s.model, 200, n_replications=4, std_lv=True
    ),
    "MultipleGroupResult": lambda s: ps.multiple_group(s.answers, s.sides),
    "NestedTest": _nested,
    "Nonintersection": lambda s: nonintersection.restscore_check(s.complete),
    "Omega": lambda s: ps.omega(s.answers, len(s.scales)),
    "ParallelAnalysis": lambda s: ps.parallel_analysis(s.answers, n_replications=10),
    "PatternsResult": lambda s: ps.missing_patterns(s.answers),
    "PersonEstimates": lambda s: s.graded.persons(),
    "PolychoricPair": lambda s: ps.polychoric_pair(*_pair(s.complete)),
    "PolychoricResult": lambda s: s.polychoric,
    "PolyserialResult": lambda s: ps.polyserial(
        s.totals[0].rename("total"), s.complete
    ),
    "Reduction": lambda s: ps.reduce_items(s.answers, s.scales),
    "ReliableChangeResult": lambda s: ps.reliable_change(*s.totals, reliability=0.8),
    "Retention": lambda s: ps.retention(s.answers, n_replications=20),
    "RetestResult": lambda s: ps.test_retest(*s.totals),
    "RivalModels": _rivals,
    "Rotation": lambda s: ps.rotate(s.explored.loadings, method="varimax"),
    "SampleSize": lambda s: ps.sample_size(
        s.explored.loadings.round(1), sizes=(200, 400), n_replications=4
    ),
    "SampleSizePlan": lambda s: ps.sample_size_plan(s.scales),
    "Scalability": lambda s: ps.scalability(s.answers),
    "ScaleReliability": lambda s: scale_reliability(s.complete),
    "ScaleScores": lambda s: ps.score(s.answers, s.scales, categories=_ranges(s)),
    "ScaleSelection": lambda s: ps.aisp(s.complete),
    "ShortForm": lambda s: ps.assemble(
        s.graded.information([-1, 0, 1]).drop(columns="test").T,
        s.scales,
        2 * len(s.scales),
    ),
    "Simulated": lambda s: ps.simulate.responses(
        50, rng=s.rng, loadings=ps.simulate.simple_structure(2, 3)[0]
    ),
    "SphericityResult": lambda s: ps.bartlett_sphericity(s.polychoric.corr, 400),
    "SplitHalfResult": lambda s: ps.split_half(s.complete),
    "SumScoreTable": lambda s: s.graded.sum_score_table(),
    "Suppression": _hidden,
    "UnitReliability": lambda s: ps.unit_reliability(
        s.totals[0].to_numpy(), np.arange(len(s.complete)) % 15
    ),
    "ValidationReport": _report,
}
