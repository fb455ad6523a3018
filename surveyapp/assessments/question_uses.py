"""What each question beside the items is for, read from the file beside this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ..bank import Question, strict_yaml


@dataclass(frozen=True)
class BroaderCode:
    """Codes put together as one where too few people share each of them."""

    code: str
    label: str
    of: tuple[str, ...]

    def fits(self, question: Question) -> bool:
        """Whether this version of the question has codes to put together."""
        return len(set(self.of) & set(question.options)) > 1


@dataclass(frozen=True)
class Use:
    """The page that asks a question, and who reads the answers.

    `column` is that of an export, `report` names what a validation report does with
    it, `filter` says what follows at once. One of column and filter is there.
    """

    page: str
    column: str = ""
    report: tuple[str, ...] = ()
    filter: str = ""
    broader: tuple[BroaderCode, ...] = ()


@cache
def uses() -> Mapping[str, Use]:
    """Question id -> its use, in the order of the file."""
    text = (files(__package__) / "question_uses.yaml").read_text(encoding="utf-8")
    return {
        name: _use(stated) for name, stated in strict_yaml.read_strict(text).items()
    }


def broader_codes(question_id: str) -> tuple[BroaderCode, ...]:
    """The codes of a question put together; none where they cannot be."""
    use = uses().get(question_id)
    return use.broader if use else ()


def _use(stated: dict) -> Use:
    broader = [{**b, "of": tuple(b["of"])} for b in stated.pop("broader", ())]
    return Use(
        **stated | {"report": tuple(stated.get("report", ()))},
        broader=tuple(BroaderCode(**each) for each in broader),
    )
