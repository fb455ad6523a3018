"""Work in the background: the table of jobs, what comes back by itself, the worker.

The table is all there is: workers look into it, and a row is never lost.
"""
