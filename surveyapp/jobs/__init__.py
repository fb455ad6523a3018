"""Work in the background: the table of jobs, the queue that wakes a worker, the worker.

The table is the truth: what the queue loses, the worker finds there.
"""
