"""What a person reads or agrees to before and around the questions."""

from dataclasses import dataclass, field

from item_bank.contents import Source
from item_bank.models.vocabulary import Versioned


@dataclass(frozen=True)
class Part:
    """A passage of a notice, for some of its readers; empty conditions hold for all.

    The text has places such as ``{{controller}}`` for what each campaign says itself.
    """

    id: str
    text: str
    easy: str = ""  # the same in easier words
    perspective: tuple[str, ...] = ()
    mode: tuple[
        str, ...
    ] = ()  # how the person answers: web, paper, telephone, face_to_face
    purpose: str = ""  # service_evaluation or research
    needs: str = ""  # a place without which the passage is left out
    letter: bool = False  # whether it stands in a letter of invitation too
    promise: str = ""  # what it says will happen, or will not


@dataclass(frozen=True)
class Document(Versioned):
    """A text that a person reads or agrees to: information, privacy, consent.

    It has a `body`, or the `parts` of a notice that a campaign completes.
    """

    kind: str
    title: str
    body: str = ""  # paragraphs, "## headings" and "- lists"
    easy: str = ""  # the body in easier words
    parts: tuple[Part, ...] = ()
    promise: str = ""  # what agreeing to a statement brings about
    required: bool = False  # for a consent statement: nobody takes part without it
    source: Source | dict[str, str] = field(default_factory=dict)
    exceptions: dict[str, str] = field(default_factory=dict)
