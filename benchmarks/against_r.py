"""Times the same job in R, in the same run, where R and its packages are there."""

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path


def cpu_time(job, repeats=7):
    """Return the least CPU seconds of several calls; the machine may be busy."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        job()
        seconds.append(time.process_time() - start)
    return min(seconds)


def r_times(frame, packages, jobs, repeats=3):
    """Return the least CPU seconds of each R expression in `X`, or say what lacks.

    Parameters
    ----------
    frame : DataFrame
        Handed to R as the data frame `X`.
    packages : list of str
        Loaded before the clock starts.
    jobs : dict of str to str
        R expressions, by the name that the result has.

    Returns
    -------
    dict of str to float, or None
        None, after a printed line, without R or one of the packages.
    """
    if shutil.which("Rscript") is None:
        print("R is not installed (no Rscript): ratios skipped")
        return None
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "data.csv", Path(folder) / "job.R"
        frame.to_csv(data, index=False)
        script.write_text(_script(data, packages, jobs, repeats))
        run = subprocess.run(["Rscript", script], capture_output=True, text=True)
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"R could not do it ({last}): ratios skipped")
        return None
    return json.loads(run.stdout.strip().splitlines()[-1])


def _script(data, packages, jobs, repeats):
    lines = [f"suppressMessages(library({name}))" for name in packages]
    lines += [f'X <- read.csv("{data}")', "options(mc.cores = 1)", "seconds <- list()"]
    for name, job in jobs.items():
        lines.append(
            f"seconds[['{name}']] <- min(sapply(1:{repeats}, function(k) "
            f"sum(suppressWarnings(system.time(invisible({job})))[c(1, 2, 4, 5)])))"
        )
    pairs = ", ".join(f'"\\"{name}\\":", seconds[["{name}"]]' for name in jobs)
    pairs = pairs.replace(', "\\"', ', ",", "\\"')
    lines.append(f'cat("\\n{{", {pairs}, "}}\\n", sep="")')
    return "\n".join(lines)
