"""Tasks over threads: each done once, errors and interrupts end the rest."""

import multiprocessing
import os
import threading
import time

import pytest

from lab.engine.workers import share_out


def tasks(count):
    return [(number, number + 1) for number in range(count)]


def taking(done, act=lambda task: None):
    def work_off(share):
        while True:
            try:
                task = share.pop()
            except IndexError:
                return
            act(task)
            done.append(task)

    return work_off


def emptied(share):
    """Wait until an error elsewhere has emptied the list, for a minute at most."""
    for _ in range(60_000):
        if not share:
            return
        time.sleep(1e-3)


@pytest.mark.parametrize("workers", [1, 2, 5, 40])
def test_every_task_is_done_once(workers):
    done = []
    share_out(tasks(100), workers, taking(done))
    assert sorted(done) == tasks(100)


def test_so_many_threads_are_at_work_at_once():
    together = threading.Barrier(3, timeout=60)
    share_out(tasks(3), 3, taking([], lambda task: together.wait()))


def test_the_caller_is_one_of_them():
    seen = set()
    together = threading.Barrier(2, timeout=60)

    def act(task):
        together.wait()
        seen.add(threading.get_ident())

    share_out(tasks(2), 2, taking([], act))
    assert threading.get_ident() in seen
    assert len(seen) == 2


@pytest.mark.parametrize("in_caller", [True, False])
def test_an_error_on_any_thread_drops_the_rest_and_is_raised(in_caller):
    caller, done = threading.get_ident(), []
    other_began = threading.Event()

    def act(task):
        here = threading.get_ident() == caller
        if here is in_caller:
            other_began.wait(60)
            raise RuntimeError("as asked")
        other_began.set()
        emptied(share)

    share = tasks(50)
    with pytest.raises(RuntimeError, match="as asked"):
        share_out(share, 2, taking(done, act))
    assert share == []
    assert len(done) < 50


def test_tasks_begun_are_over_when_an_error_arrives():
    caller, at_work, over = threading.get_ident(), threading.Event(), []

    def act(task):
        if threading.get_ident() == caller:
            at_work.wait(60)
            raise KeyboardInterrupt
        at_work.set()
        emptied(share)
        over.append(task)

    share = tasks(10)
    with pytest.raises(KeyboardInterrupt):
        share_out(share, 2, taking([], act))
    assert len(over) == 1


def forked(results):
    done = []
    share_out(tasks(20), 3, taking(done))
    results.put(len(done))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_threads_of_its_own():
    share_out(tasks(20), 3, taking([]))
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    process = context.Process(target=forked, args=(results,))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert results.get(timeout=60) == 20
