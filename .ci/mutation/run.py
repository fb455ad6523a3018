"""How many mistakes in the code that protects people the tests would notice.

python .ci/mutation/run.py [--every N] [AREA or MODULE ...]

With `--every N` only each Nth mutant of a module is tried, for a machine that is busy.

Each mutant lives in a process of its own, forked from one that has everything
imported and an empty SQLite database; there the tests that enter the changed line run,
the quickest first, until one fails. What no test notices is listed, but for those that
`equivalent.yaml` says change nothing, with the reason.

Two more of each module are controls: the module as it is must pass all tests in that
order, and with a function that only raises it must not, or nothing is counted.
"""

import argparse
import gc
import os
import pickle
import signal
import sys
import tempfile
import time
import types
from functools import _lru_cache_wrapper
from numbers import Number
from pathlib import Path

import coverage
import pytest
import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(HERE)]
from mutants import mutants_of, raising, unchanged  # noqa: E402

# A test that takes this much of the processor, and so many times what it took without
# a mutant, hangs: the mutant counts as noticed.
SECONDS, TIMES = 5, 5
AIM = 85  # percent
LEFT_OUT = ("CodedResponses.plot", "ScaleScores.plot", "ScaleScores._about")  # drawing


class Stopped(pytest.exit.Exception):
    """What was found out before anything could be counted."""

    def __init__(self, why):
        tell(why)
        super().__init__(why)


class Harness:
    """A plugin that does the rounds in place of pytest's own loop of tests."""

    def __init__(self, modules, known, every):
        self.modules, self.known, self.every = modules, known, every
        self.failed, self.counted, self.hung = False, {}, 0

    def pytest_runtest_logreport(self, report):
        self.failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        if session.testsfailed:
            raise Stopped("the tests could not be collected")
        self.session, self.items = session, session.items
        self.root = types.SimpleNamespace(listchain=lambda: [session])
        self._warm_up()
        mapped, _ = _in_fork(self._map)
        if mapped is None:
            raise Stopped("a test fails without any mutant")
        covered, self.took = mapped
        for module, files in self.modules.items():
            self._mutate(module, tuple(files), covered)
        return True

    def _run(self, items, seconds=()):
        """Run tests until one fails, or until one takes longer than it may."""
        for n, item in enumerate(items):
            if seconds:
                signal.setitimer(signal.ITIMER_PROF, seconds[n])
            following = items[n + 1] if n + 1 < len(items) else self.root
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return

    def _warm_up(self):
        """Make the database once: every process after this begins with it.

        And with what the first test of each file imports or reads once for all.
        """
        self.app, first = None, {}
        for item in self.items:
            first.setdefault(item.path, item)
        chosen = [*first.values()]
        if not any("app" in item.fixturenames for item in chosen):
            chosen += [i for i in self.items if "app" in i.fixturenames][:1]
        self._run(chosen)
        if self.failed:
            raise Stopped("a test fails without any mutant")
        self._let_go()
        gc.unfreeze()  # what was imported before the tests began is seen too
        self.made = {module: _functions_of(ROOT / module) for module in self.modules}
        gc.collect()
        gc.freeze()  # what is shared with every process after this stays shared

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        made = yield
        if fixturedef.argname == "migrated_app":
            self.app = made
        return made

    def _let_go(self):
        if self.app is None:
            return
        from surveyapp.extensions import db

        with self.app.app_context():
            db.engine.dispose()

    def _clean(self):
        if self.app is None:
            return
        from surveyapp.extensions import db
        from tests.conftest import empty

        with self.app.app_context():
            empty(db.engine)

    def _map(self):
        """(File, line) -> numbers of tests that enter it; number -> seconds."""
        paths = [str(ROOT / module) for module in self.modules]
        measured = coverage.Coverage(
            include=paths, data_file=None, config_file=False, concurrency="thread"
        )
        took = {}
        measured.start()
        remembered = [each for _, caches in self.made.values() for each in caches]
        for n, item in enumerate(self.items):
            for each in remembered:
                each.cache_clear()
            measured.switch_context(str(n))
            start = time.monotonic()
            self._run([item])
            took[n] = time.monotonic() - start
            if self.failed:
                print(f"fails without a mutant: {item.nodeid}", file=sys.stderr)
                return None
        measured.stop()
        data, covered = measured.get_data(), {}
        for path in data.measured_files():
            for line, names in data.contexts_by_lineno(path).items():
                covered[path, line] = {int(name) for name in names if name}
        return covered, took

    def _mutate(self, module, files, covered):
        path, start = str(ROOT / module), time.monotonic()
        source = Path(path).read_text()
        counted = {"killed": 0, "alive": 0, "same": 0}
        own = {n for n, item in enumerate(self.items) if item.nodeid.startswith(files)}
        entered = {
            n
            for (file, _), tests in covered.items()
            for n in tests & own
            if file == path
        }
        self._check_controls(module, source, sorted(entered, key=self.took.get))
        tried = [
            mutant
            for mutant in mutants_of(module, source)
            if not (mutant.function or "").startswith(LEFT_OUT)
        ]
        for mutant in tried[:: self.every]:
            if mutant.name in self.known:
                counted["same"] += 1
                continue
            tests = covered.get((path, mutant.line), set())
            # What is made at import may be read by a test that enters no line of it.
            chosen = sorted(tests & own if mutant.function else own, key=self.took.get)
            lives = self._outcome(mutant, chosen)
            counted["alive" if lives else "killed"] += 1
            if lives:
                told = f"{module}:{mutant.line}: {mutant.was} -> {mutant.now}"
                tell(f"{told}  ({len(chosen)} tests)")
        self.counted[module] = counted
        seconds = f"{time.monotonic() - start:.0f} s, {self.hung} hung"
        tell(f"{module}: {counted} in {seconds}")

    def _check_controls(self, module, source, chosen):
        """What is as it was must live, and what raises must not."""
        same = [unchanged(module, source, "every")]
        if any(mutant.function is None for mutant in mutants_of(module, source)):
            same.append(unchanged(module, source, None))
        if not all(self._outcome(each, chosen) for each in same):
            raise Stopped(f"{module}: a test fails without a mutant")
        if self._outcome(raising(module, source), chosen):
            raise Stopped(f"{module}: nothing could be changed")

    def _outcome(self, mutant, chosen):
        """Whether it lives: also where its process ends by another cause than it."""
        items = [self.items[n] for n in chosen]
        seconds = [SECONDS + TIMES * self.took[n] for n in chosen]
        lives, ended = _in_fork(self._lives, mutant, items, seconds)
        self.hung += ended == signal.SIGPROF
        if lives is None and ended != signal.SIGPROF:
            tell(f"ended by {ended}: {mutant.name}")
            return True
        return bool(lives)

    def _lives(self, mutant, items, seconds):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        if not put_in(mutant, *self.made[mutant.module]):
            return False
        self._clean()
        self._run(items, seconds)
        return not self.failed


def tell(words):
    print(words, file=sys.stderr, flush=True)


def _functions_of(path):
    """What was made of a file: its functions, and those that remember results."""
    every = gc.get_objects()
    own = [f for f in every if isinstance(f, types.FunctionType)]
    own = [f for f in own if f.__code__.co_filename == str(path)]
    caches = [f for f in every if isinstance(f, _lru_cache_wrapper)]
    return own, [f for f in caches if f.__wrapped__ in own]


def put_in(mutant, functions, caches):
    """Change the running code; False where what it is made of cannot even be made."""
    name = mutant.module.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    code = compile(mutant.tree, str(ROOT / mutant.module), "exec")
    changed = {(c.co_qualname, c.co_firstlineno): c for c in _codes(code)}
    for function in functions:
        was = function.__code__
        new = changed.get((was.co_qualname, was.co_firstlineno))
        if new and new.co_freevars == was.co_freevars:
            function.__code__ = new
    for each in caches:
        each.cache_clear()
    return bool(mutant.function) or _import_again(sys.modules[name], code)


def _import_again(module, code):
    """Let what a module makes at import be what the changed one makes."""
    fresh = types.ModuleType(module.__name__)
    fresh.__dict__.update(__package__=module.__package__, __file__=module.__file__)
    sys.modules[module.__name__] = fresh
    try:
        exec(code, fresh.__dict__)
    except Exception:
        return False
    finally:
        sys.modules[module.__name__] = module
    for name, new in vars(fresh).items():
        old = vars(module).get(name)
        if isinstance(new, types.FunctionType) and isinstance(old, types.FunctionType):
            old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
        elif name.isupper() and _are_alike(old, new) and old != new:
            _exchange(name, old, new)
    return True


def _are_alike(old, new):
    """Whether one may stand for the other: of one type, or two numbers."""
    return type(old) is type(new) or all(isinstance(n, Number) for n in (old, new))


def _exchange(name, old, new):
    if isinstance(old, (dict, set)):
        old.clear()
        old.update(new)
        return
    for module in [m for m in sys.modules.values() if isinstance(m, types.ModuleType)]:
        if vars(module).get(name) is old:
            setattr(module, name, new)


def _codes(code):
    yield code
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _codes(each)


def _in_fork(function, *args):
    """What a function returns in a process of its own, and the signal that ended it."""
    with tempfile.TemporaryFile() as told:
        child = os.fork()
        if not child:
            try:
                os.setpgid(0, 0)
                quiet = os.open(os.devnull, os.O_WRONLY)
                os.dup2(quiet, 1)
                pickle.dump(function(*args), told)
                told.flush()
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        told.seek(0)
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        try:
            return pickle.load(told), ended
        except EOFError:
            return None, ended


def examine(modules, known, every):
    """What was counted of each module of an area."""
    harness = Harness(modules, known, every)
    files = sorted({file for tests in modules.values() for file in tests})
    chosen = (
        "-p no:cacheprovider -p no:xdist -p no:terminal --every-database -k".split()
    )
    code = pytest.main([*chosen, "not postgresql", *files], plugins=[harness])
    if code not in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
        tell(f"ended by {code}")
    return harness.counted


def main(chosen):
    areas = yaml.safe_load((HERE / "areas.yaml").read_text())
    known = yaml.safe_load((HERE / "equivalent.yaml").read_text()) or {}
    os.chdir(ROOT)
    lines, is_short = [], False
    for area, modules in areas.items():
        if chosen.names and area not in chosen.names:
            modules = {m: tests for m, tests in modules.items() if m in chosen.names}
        if not modules:
            continue
        numbers, _ = _in_fork(examine, modules, known, chosen.every)
        if numbers is None or numbers.keys() != modules.keys():
            raise SystemExit(f"{area}: not all of it could be counted")
        for module, n in numbers.items():
            lines.append(f"  {module}: {words(n)}")
        whole = {kind: sum(n[kind] for n in numbers.values()) for kind in KINDS}
        is_short |= share(whole) < AIM
        tried = f"each {chosen.every}. was tried" if chosen.every > 1 else "all tried"
        lines.append(f"{area}: {words(whole)} (aim {AIM} %); {tried}")
    print("\n".join(lines))
    return int(is_short)


KINDS = ("killed", "alive", "same")


def share(n):
    """Percent that were noticed."""
    return 100 * n["killed"] / max(n["killed"] + n["alive"], 1)


def words(n):
    """12 of 13 noticed, 92.3 %, 1 more change nothing."""
    tried = n["killed"] + n["alive"]
    same = f", {n['same']} more change nothing" if n["same"] else ""
    return f"{n['killed']} of {tried} noticed, {share(n):.1f} %{same}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    sys.exit(main(parser.parse_args()))
