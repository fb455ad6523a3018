"""python -m surveyapp.jobs JOB ATTEMPT: what a worker starts for each attempt."""

import os
import sys


def main(job_id, number):
    from surveyapp import create_app, logs

    from . import attempt

    logs.take_over()
    os.nice(5)  # whoever answers the survey comes first
    with create_app().app_context():
        attempt.run_attempt(job_id, number)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
