"""Some of every payload for everything, and every payload for each kind of thing."""

from collections import defaultdict


def covering(things, payloads, each=None, kind=lambda thing: None):
    """For each payload the things that it is sent to.

    A thing gets `each` of the payloads, in turn, so that things of a kind get all of
    them between them; where there are too few things for that, a thing gets more.
    Without `each` everything gets every payload.
    """
    payloads, kinds = list(payloads), defaultdict(list)
    for thing in things:
        kinds[kind(thing)].append(thing)
    plan = {payload: [] for payload in payloads}
    for alike in kinds.values():
        n = max(each or len(payloads), -(-len(payloads) // len(alike)))
        turn = 0
        for thing in alike:
            for _ in range(min(n, len(payloads))):
                plan[payloads[turn % len(payloads)]].append(thing)
                turn += 1
    return plan
