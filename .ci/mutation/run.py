"""How many mistakes in the code that protects people the tests would notice.

python .ci/mutation/run.py [--every N] [AREA ...]

With `--every N` only each Nth mutant of a module is tried, for a machine that is busy.

Each mutant lives in a process of its own, forked from one that has everything
imported and an empty SQLite database; there the tests that enter the changed line run,
the quickest first, until one fails. What no test notices is listed, but for those that
`equivalent.yaml` says change nothing, with the reason.
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
from pathlib import Path

import coverage
import pytest
import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(HERE)]
from mutants import mutants_of  # noqa: E402

SECONDS = 120  # after which a mutant counts as noticed: it would hang
AIM = 85  # percent


class Harness:
    """A plugin that does the rounds in place of pytest's own loop of tests."""

    def __init__(self, told, known, every):
        self.modules, self.known, self.every = told["modules"], known, every
        self.left_out = tuple(told.get("except", ()))
        self.failed, self.numbers, self.survivors = False, {}, []

    def pytest_runtest_logreport(self, report):
        self.failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        if session.testsfailed:
            raise session.Interrupted("the tests could not be collected")
        self.session, self.items = session, session.items
        self.root = types.SimpleNamespace(listchain=lambda: [session])
        self._warm_up()
        covered, took = _in_fork(self._map)
        if covered is None:
            raise session.Interrupted("a test fails without any mutant")
        for module in self.modules:
            self._mutate(module, covered, took)
        return True

    def _run(self, items, stop=True):
        for n, item in enumerate(items):
            following = items[n + 1] if n + 1 < len(items) else self.root
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed and stop:
                return

    def _warm_up(self):
        """Make the database once: every process after this begins with it."""
        self._run([next(i for i in self.items if "app" in i.fixturenames)])
        if self.failed:
            raise self.session.Interrupted("a test fails without any mutant")
        self._let_go()
        gc.unfreeze()  # what was imported before the tests began is seen too
        self.made = {m: _functions_of(ROOT / m) for m in self.modules}
        if unseen := [m for m, (functions, _) in self.made.items() if not functions]:
            raise self.session.Interrupted(f"nothing of {unseen} could be changed")
        gc.collect()
        gc.freeze()  # what is shared with every process after this stays shared

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        made = yield
        if fixturedef.argname == "migrated_app":
            self.app = made
        return made

    def _let_go(self):
        from surveyapp.extensions import db

        with self.app.app_context():
            db.engine.dispose()

    def _clean(self):
        from surveyapp.extensions import db
        from tests.conftest import empty

        with self.app.app_context():
            empty(db.engine)

    def _map(self):
        """(file, line) -> names of the tests that enter it; name -> seconds."""
        paths = [str(ROOT / module) for module in self.modules]
        measured = coverage.Coverage(
            include=paths, data_file=None, config_file=False, concurrency="thread"
        )
        took = {}
        measured.start()
        for n, item in enumerate(self.items):
            measured.switch_context(str(n))
            start = time.monotonic()
            self._run([item])
            took[n] = time.monotonic() - start
            if self.failed:
                print(f"fails without a mutant: {item.nodeid}", file=sys.stderr)
                return None, None
        measured.stop()
        data, covered = measured.get_data(), {}
        for path in data.measured_files():
            for line, names in data.contexts_by_lineno(path).items():
                covered[path, line] = {int(name) for name in names if name}
        return covered, took

    def _mutate(self, module, covered, took):
        path, functions = ROOT / module, self.made[module]
        start = time.monotonic()
        counted = self.numbers.setdefault(module, {"killed": 0, "alive": 0, "same": 0})
        mutants = [
            mutant
            for mutant in mutants_of(module, path.read_text())
            if not (mutant.function or "").startswith(self.left_out)
        ]
        for mutant in mutants[:: self.every]:
            if mutant.name in self.known:
                counted["same"] += 1
                continue
            tests = covered.get((str(path), mutant.line), set())
            # What is made at import may be read by a test that enters no line of it.
            chosen = sorted(tests if mutant.function else took, key=took.get)
            items = [self.items[n] for n in chosen]
            is_alive = _in_fork(self._lives, mutant, functions, items)
            counted["alive" if is_alive else "killed"] += 1
            if is_alive:
                self.survivors.append(mutant)
                print(
                    f"{module}:{mutant.line}: {mutant.was} -> {mutant.now}"
                    f"  ({len(chosen)} tests)",
                    file=sys.stderr,
                    flush=True,
                )

        seconds = time.monotonic() - start
        print(f"{module}: {counted} in {seconds:.0f} s", file=sys.stderr, flush=True)

    def _lives(self, mutant, functions, items):
        if not put_in(mutant, *functions):
            return False
        self._clean()
        self._run(items)
        return not self.failed


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
        elif name.isupper() and type(old) is type(new) and old != new:
            _exchange(name, old, new)
    return True


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
    """What a function returns in a process of its own; None where that dies."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS if args else 0)
            os.setpgid(0, 0)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            pickle.dump(function(*args), said)
            said.flush()
            os._exit(0)
        os.waitpid(child, 0)
        said.seek(0)
        try:
            return pickle.load(said)
        except EOFError:
            return None if args else (None, None)


def examine(area, told, known, every):
    harness = Harness(told, known, every)
    chosen = [
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:terminal",
        "-k",
        "not postgresql",
    ]
    code = pytest.main([*chosen, *told["tests"]], plugins=[harness])
    if code not in (0, pytest.ExitCode.NO_TESTS_COLLECTED) or not harness.numbers:
        raise SystemExit(f"{area}: the tests themselves do not pass ({code})")
    return harness


def main(chosen):
    areas = yaml.safe_load((HERE / "areas.yaml").read_text())
    known = yaml.safe_load((HERE / "equivalent.yaml").read_text()) or {}
    os.chdir(ROOT)
    lines, is_short = [], False
    for area in chosen.areas or areas:
        numbers = _in_fork_of_its_own(area, areas[area], known, chosen.every)
        killed, alive, same = (
            sum(n[kind] for n in numbers.values())
            for kind in ("killed", "alive", "same")
        )
        share = 100 * killed / (killed + alive)
        is_short |= share < AIM
        for module, n in numbers.items():
            lines.append(f"  {module}: {n['killed']} of {n['killed'] + n['alive']}")
        lines.append(
            f"{area}: {killed} of {killed + alive} noticed, {share:.1f} % (aim {AIM});"
            f" {same} more change nothing; each {chosen.every}. was tried"
        )
    print("\n".join(lines))
    return int(is_short)


def _in_fork_of_its_own(area, told, known, every):
    """Each area imports its tests anew."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            pickle.dump(examine(area, told, known, every).numbers, said)
            said.flush()
            os._exit(0)
        os.waitpid(child, 0)
        said.seek(0)
        return pickle.load(said)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("areas", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    sys.exit(main(parser.parse_args()))
