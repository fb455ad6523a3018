"""What a researcher chooses for a validation run, with defaults that suit most."""

from dataclasses import asdict, dataclass

from ...assessments import side_answers
from ...errors import InvalidAnswers

STRUCTURES = {
    "prerequisites": "Each prerequisite is a scale, as the item bank has it",
    "one": "All the questions are one scale",
}
GROUPS = {
    "none": "No groups",
    "team": "Team",
    "mode": "How people answered: web, paper, telephone or face to face",
    "care_plan": "Whether there is a care plan",
    "assisted_by": "Who helped to answer",
    "language": "Language of the form",
    "item_order": "How the questions were ordered",
    "variant": "Variant of the form, where two were given",
}
WAVES = {
    "all": "The first of each person, with later ones as retest and follow-up",
    "first": "The first of each person alone",
}
HIGHEST_SEED = 2**31 - 1
FROM_PLAN = {
    "plan": "The plan",
    "form": "This form; the report lists each as a departure from the plan",
    "none": "This form alone: the run has no plan",
}
AS_PLANNED = "As the plan says"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The options of one run, as they are kept with it.

    `scales` names the prerequisites that are included; `seed` fixes what is
    simulated; `planned` names those of the others that were left to the run's plan.
    """

    scales: tuple[str, ...]
    structure: str = "prerequisites"
    groups: str = "none"
    waves: str = "all"
    seed: int = 1
    planned: tuple[str, ...] = ()

    def kept(self):
        """Plain values for the database."""
        lists = {"scales": list(self.scales), "planned": list(self.planned)}
        return {**asdict(self), **lists}

    @classmethod
    def from_kept(cls, kept):
        """The choices of a run; the first runs kept no groups as an empty name."""
        groups = kept.get("groups") or "none"
        lists = {name: tuple(kept.get(name, ())) for name in ("scales", "planned")}
        return cls(**kept | lists | {"groups": groups})

    def said(self):
        """What was chosen, as pairs of name and words."""
        for field, name, words in (
            ("scales", "Prerequisites", ", ".join(map(worded, self.scales))),
            ("structure", "Scales", STRUCTURES[self.structure]),
            ("groups", "Compared groups", GROUPS.get(self.groups, worded(self.groups))),
            ("waves", "Occasions", WAVES[self.waves]),
            ("seed", "Seed", str(self.seed)),
        ):
            yield name, AS_PLANNED if field in self.planned else words

    def typed(self):
        """As a form that starts from these choices has them."""
        fields = ("scales", "structure", "groups", "waves", "seed")
        return {name: getattr(self, name) for name in fields}

    @property
    def group_column(self):
        """The column of the export that names each person's group, or None."""
        return None if self.groups == "none" else self.groups

    def apply(self, scales):
        """The items of each scale of the report, from those of the codebook."""
        chosen = {name: scales[name] for name in self.scales if name in scales}
        if self.structure == "one":
            return {"involvement": [i for items in chosen.values() for i in items]}
        return chosen


def worded(name):
    """A name of the code's as words."""
    return name.replace("_", " ")


def defaults(prerequisites):
    """Everything, as the bank has it, without groups."""
    return Choices(scales=tuple(prerequisites))


def groups_of(instrument):
    """The groups that a run on this form can compare, and what each is called."""
    beside = side_answers.offered(instrument)
    return GROUPS | {
        q.id: f"{worded(q.id).capitalize()}: {q.text[instrument.perspective]}"
        for q in beside
    }


def parse(form, prerequisites, settled=(), *, groups=None):
    """Read the form; InvalidAnswers says by field what cannot be.

    `groups` are those that can be compared, as `groups_of` names them.

    `settled` names the fields that the run's plan settles: they are left to it,
    whatever the form says.
    """
    problems = {}
    scales = tuple(name for name in prerequisites if name in form.getlist("scales"))
    if not scales:
        problems["scales"] = "Choose at least one prerequisite"
    picked = {}
    for field, offered in (
        ("structure", STRUCTURES),
        ("groups", groups or GROUPS),
        ("waves", WAVES),
    ):
        picked[field] = form.get(field, next(iter(offered)))
        if picked[field] not in offered:
            problems[field] = "Choose one of the options"
    typed = form.get("seed", "1").strip()
    is_number = typed.isascii() and typed.isdigit() and int(typed[:12]) <= HIGHEST_SEED
    if not is_number:
        problems["seed"] = f"Enter a whole number from 0 to {HIGHEST_SEED}"
    if problems:
        raise InvalidAnswers(problems)
    return Choices(scales=scales, seed=int(typed), planned=tuple(settled), **picked)
