"""Which rival models a report fits, and which of them it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cfa.model_comparison import CORRELATED, ONE_FACTOR, rival_models
from ..errors import ModelSyntaxError

if TYPE_CHECKING:
    from .study import Study

USUAL = "usual"
USUAL_MODELS = (ONE_FACTOR, CORRELATED, "second order", "bifactor")


def planned_models(study: Study) -> tuple[dict[str, tuple[str, dict[str, str]]], str]:
    """Return ({name: (model, options)}, the name of the intended one).

    Raises
    ------
    ModelSyntaxError
        A plan that asks for a usual model of another name.
    """
    usual = rival_models(study.scales, factor="general")
    stated = study.plan.models if study.plan else {}
    models = {}
    for name, text in stated.items():
        if text != USUAL:
            models[name] = (text, {"std_lv": True})
        elif name in usual:
            models[name] = usual[name]
        elif name not in USUAL_MODELS:
            raise ModelSyntaxError(
                f"no usual model is called {name!r}; there are "
                f"{', '.join(USUAL_MODELS)}, or give its text"
            )
    models = models or usual
    wanted = study.plan.intended if study.plan else None
    default = CORRELATED if CORRELATED in models else next(iter(models))
    return models, wanted if wanted in models else default
