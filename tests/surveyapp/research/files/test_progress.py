"""How far a long job has come: a bar on a terminal, plain lines elsewhere."""

from surveyapp.research.files.progress import in_two_parts, progress_bar


def walk(progress):
    for done, step in enumerate(("Sample", "Structure")):
        progress(step, done, 2)
    progress("done", 2, 2)


def test_elsewhere_each_step_is_a_line_on_standard_error(capsys):
    with progress_bar() as progress:
        walk(progress)
    said = capsys.readouterr()
    assert said.err == "[1/2] Sample\n[2/2] Structure\n" and said.out == ""


def test_a_terminal_shows_a_bar_and_takes_it_away(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress_bar() as progress:
        walk(progress)
    said = capsys.readouterr()
    assert "2 of 2" in said.err and said.out == ""
    assert said.err.rstrip("\n").endswith(("\x1b[2K", "\x1b[?25h"))


def test_two_jobs_are_counted_as_one():
    said = []
    first, second = in_two_parts(lambda *step: said.append(step), 2)
    walk(first)
    walk(second)
    assert said == [
        ("Sample", 0, 4),
        ("Structure", 1, 4),
        ("Sample", 2, 4),
        ("Structure", 3, 4),
        ("done", 4, 4),
    ]


def test_without_progress_there_is_nothing_to_call():
    assert in_two_parts(None, 3) == (None, None)
