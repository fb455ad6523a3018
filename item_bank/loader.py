"""YAML to records: the only code that opens the files of the bank."""

from functools import cache
from pathlib import Path
from typing import TypeVar

from item_bank import record_builders, schema_checks
from item_bank.contents import BankFolder, Content, WordedTexts
from item_bank.errors import BankError, Problem
from item_bank.models import (
    Action,
    Bank,
    Edition,
    Finding,
    Interpretation,
    StatusChange,
    Translation,
)
from item_bank.strict_yaml import line_in_words, parse

Entry = TypeVar("Entry")

BUILT_IN = Path(__file__).parent

# In the order of reading: what is referred to comes before what refers to it.
FOLDERS = {
    "response_set": "response_sets",
    "item": "items",
    "question": "questions",
    "document": "documents",
    "instrument": "instruments",
    "calibration": "calibrations",
    "companion": "companions",
    "interview": "interviews",
}
LOCK = "published.lock"
# What a folder of an installation's own may add to the bank.
OWN_KINDS = ("instrument", "calibration")


def folders_of(place: BankFolder) -> tuple[Path, ...]:
    """The folder of a bank, and after it perhaps one of an installation's own."""
    return tuple(map(Path, place if isinstance(place, tuple) else (place,)))


class Reader:
    """What has been read so far, and everything found wrong on the way."""

    def __init__(self, place: BankFolder) -> None:
        self.folder, *self.own = folders_of(place)
        self.problems: list[Problem] = []
        self.found = record_builders.no_records()
        self.files: dict[tuple[str, str], str] = {}
        self.unread: set[str] = set()  # references whose file told its problems already

    def content(self, path: Path, kind: str) -> tuple[Content | None, str]:
        """The content of one file that its schema accepts, and its text."""
        name = self.name(path)
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            self.problems.append(Problem(name, "", f"is not UTF-8: {error}", "yaml"))
            self.unread.add(path.stem)
            return None, ""
        content, wrong = parse(text, name)
        wrong = wrong or schema_checks.problems(kind, content, text, name)
        self.problems += wrong
        if wrong:
            self.unread.add(path.stem)
        return (None if wrong else content), text

    def name(self, path: Path) -> str:
        """A file's path within the bank, or within the installation's own folder."""
        roots = (self.folder, *self.own)
        home = next(root for root in roots if path.is_relative_to(root))
        return path.relative_to(home).as_posix()

    def paths(self, folder: str | Path) -> list[Path]:
        return sorted((self.folder / folder).rglob("*.yaml"))

    def own_paths(self, kind: str) -> list[Path]:
        return sorted(p for o in self.own for p in (o / FOLDERS[kind]).rglob("*.yaml"))

    def strangers(self) -> None:
        """An installation adds forms and calibrations; wordings stay in the bank."""
        expected = {path for kind in OWN_KINDS for path in self.own_paths(kind)}
        for path in sorted(p for o in self.own for p in o.rglob("*.yaml")):
            if path not in expected:
                said = f"only {' and '.join(OWN_KINDS)} files are read here"
                self.problems.append(Problem(self.name(path), "", said, "own"))

    def one(self, name: str, kind: str, default: Content) -> Content:
        """A file of which the bank has one."""
        path = self.folder / name
        content = self.content(path, kind)[0] if path.is_file() else None
        return default if content is None else content

    def evidence(self) -> None:
        for path in self.paths("evidence"):
            if path.name == "sources.yaml":
                continue
            content, _ = self.content(path, "evidence")
            if content is not None:
                self._add_findings(path, record_builders.findings(content, self.found))

    def _add_findings(self, path: Path, findings: dict[str, Finding]) -> None:
        name = self.name(path)
        for ref, finding in findings.items():
            if ref in self.found["finding"]:
                said = f"the finding {ref} stands in two files"
                self.problems.append(Problem(name, ref, said, "duplicate"))
            self.found["finding"][ref] = finding
            self.files["finding", ref] = name

    def actions(self) -> dict[str, Action]:
        """What could be done, by id."""
        read: dict[str, Action] = {}
        for path in self.paths("actions"):
            content, _ = self.content(path, "action")
            for action in record_builders.actions(content) if content else ():
                self._add_once("action", action.id, self.name(path), read, action)
        return read

    def interpretations(self) -> dict[str, Interpretation]:
        """What a score says, by scale."""
        read: dict[str, Interpretation] = {}
        for path in self.paths("interpretation"):
            content, _ = self.content(path, "interpretation")
            if content is not None:
                made, name = record_builders.interpretation(content), self.name(path)
                self._add_once("interpretation", made.scale, name, read, made)
        return read

    def _add_once(
        self,
        kind: str,
        key: str,
        name: str,
        table: dict[str, Entry],
        entry: Entry,
    ) -> None:
        if key in table:
            said = f"{key} also stands in {self.files[kind, key]}"
            self.problems.append(Problem(name, key, said, "duplicate"))
        table[key] = entry
        self.files[kind, key] = name

    def records(self, kind: str) -> None:
        own = self.own_paths(kind) if kind in OWN_KINDS else []
        for path in [*self.paths(FOLDERS[kind]), *own]:
            content, text = self.content(path, kind)
            if content is not None:
                self._add(kind, self.name(path), content, text)

    def _add(self, kind: str, name: str, content: Content, text: str) -> None:
        try:
            record = record_builders.BUILDERS[kind](content, self.found)
        except record_builders.Missing as missing:
            self.unread.add(Path(name).stem)
            if missing.ref in self.unread:
                return  # its own problem is told; this one would only follow
            said = f"{missing.ref} is not in the bank"
            where = line_in_words(text, missing.path)
            self.problems.append(Problem(name, where, said, "reference"))
            return
        table = record_builders.table(self.found, kind)
        if record.ref in table:
            said = f"{record.ref} also stands in {self.files[kind, record.ref]}"
            self.problems.append(Problem(name, "id", said, "duplicate"))
        table[record.ref] = record
        self.files[kind, record.ref] = name

    def life(self) -> tuple[StatusChange, ...]:
        changes = self.one("life.yaml", "life", {"changes": []})["changes"]
        return tuple(StatusChange(**change) for change in changes)

    def translations(self) -> dict[str, Translation]:
        read = {}
        for about in sorted(self.folder.glob("translations/*/language.yaml")):
            content, _ = self.content(about, "language")
            if content is not None:
                texts = self._translated(about.parent)
                read[content["language"]] = Translation(**content, texts=texts)
        return read

    def _translated(self, folder: Path) -> WordedTexts:
        """(kind, reference) -> translated fields, of one language."""
        texts = {}
        for kind, name in FOLDERS.items():
            for path in self.paths((folder / name).relative_to(self.folder)):
                content, _ = self.content(path, "translation")
                if content is not None:
                    texts[kind, content["ref"]] = content
                    where = self.name(path)
                    self.files[f"{folder.name}/{kind}", content["ref"]] = where
        return texts

    def editions(self) -> dict[str, Edition]:
        """Every edition, with the drawings that lie beside it."""
        drawings = {
            path.stem: path.read_text(encoding="utf-8")
            for path in sorted((self.folder / "editions" / "pictures").glob("*.svg"))
        }
        read = {}
        for path in sorted((self.folder / "editions").glob("*.yaml")):
            content, _ = self.content(path, "edition")
            if content is not None:
                edition = record_builders.edition(content, drawings)
                read[edition.ref] = edition
                where = path.relative_to(self.folder).as_posix()
                self.files["edition", edition.ref] = where
        return read

    def lock(self) -> dict[str, str]:
        return {
            name: digest
            for root in (self.folder, *self.own)
            for name, digest in read_lock(root).items()
        }


def read_lock(folder: Path) -> dict[str, str]:
    """The lines of one lock, by name; none where there is no lock."""
    path = folder / LOCK
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line[:1] not in ("", "#"))
    return {name: digest for digest, name in pairs}


def read(folder: BankFolder = BUILT_IN) -> tuple[Bank, list[Problem]]:
    """What of a bank can be read, and every problem met on the way.

    `folder` may be a pair: the bank, and a folder with an installation's own
    instruments and calibrations.
    """
    reader = Reader(folder)
    reader.strangers()
    sources = reader.one("evidence/sources.yaml", "sources", {"sources": {}})["sources"]
    reader.evidence()
    for kind in FOLDERS:
        reader.records(kind)
    found = reader.found
    bank = Bank(
        response_sets=found["response_set"],
        items=found["item"],
        questions=found["question"],
        documents=found["document"],
        instruments=found["instrument"],
        calibrations=found["calibration"],
        interviews=found["interview"],
        companions=found["companion"],
        findings=found["finding"],
        sources=sources,
        life=reader.life(),
        translations=reader.translations(),
        editions=reader.editions(),
        actions=reader.actions(),
        interpretations=reader.interpretations(),
        files=reader.files,
        lock=reader.lock(),
        unread=frozenset(reader.unread),
    )
    return bank, reader.problems


def _load(folder: BankFolder) -> Bank:
    bank, problems = read(folder)
    if problems:
        raise BankError(problems)
    return bank


@cache
def _built_in() -> Bank:
    return _load(BUILT_IN)


def load(folder: BankFolder | None = None) -> Bank:
    """The bank in `folder`, or the one that comes with this package.

    A pair of folders is a bank and what an installation adds to it (`read`). The
    built-in bank is read once and shared; treat it as read-only.

    Raises
    ------
    BankError
        Listing every file that cannot be read, with the place in it.
    """
    return _built_in() if folder is None else _load(folder)
