"""Signals that wait until the work in which they could get lost is over."""

import ctypes
import os
import signal
import sys
import threading
import time

import pytest

from lab.interrupts import AGAIN, Terminated, held_back, terminable


@pytest.fixture(autouse=True)
def python_handlers():
    """The handlers that the laboratory's commands run with."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_arrives_afterwards():
    steps = []
    with pytest.raises(KeyboardInterrupt), held_back():  # noqa: PT012
        interrupt()
        steps.append("after")
    assert steps == ["after"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_comes_in_a_callback_from_c_is_not_lost():
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    numbers = (ctypes.c_int * 2)(2, 1)

    def order(a, b):
        interrupt()
        return 0

    with pytest.raises(KeyboardInterrupt), held_back():
        ctypes.CDLL(None).qsort(numbers, 2, ctypes.sizeof(ctypes.c_int), compare(order))


def test_a_second_one_arrives_at_once():
    steps = []
    with pytest.raises(KeyboardInterrupt), held_back():  # noqa: PT012
        interrupt()
        steps.append("first")
        interrupt()
        steps.append("second")
    assert steps == ["first"]


def test_the_handler_of_a_study_is_asked_and_a_default_one_stays():
    asked = []
    signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    with held_back():
        os.kill(os.getpid(), signal.SIGTERM)
        assert asked == []
    assert asked == [signal.SIGTERM]
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with held_back():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_an_error_in_the_block_is_the_context_of_the_interrupt():
    with pytest.raises(KeyboardInterrupt) as caught, held_back():  # noqa: PT012
        interrupt()
        raise ValueError
    assert isinstance(caught.value.__context__, ValueError)


def test_other_threads_are_left_alone():
    handlers = []

    def work():
        with held_back():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]


class TestDropped:
    """What a handler raises where nothing can go up is not lost."""

    @pytest.mark.parametrize(
        ("number", "raised"),
        [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)],
    )
    def test_a_signal_in_a_destructor_comes_again(self, number, raised, capfd):
        class Mine:
            def __del__(self):
                os.kill(os.getpid(), number)

        with pytest.raises(raised), terminable():  # noqa: PT012
            thing = Mine()
            del thing
            time.sleep(60)
        assert capfd.readouterr().err == ""

    def test_again_until_one_is_heard(self):
        left = ["third", "second", "first"]

        class Mine:
            def __del__(self):
                if left.pop() == "first":
                    interrupt()
                time.sleep(10 * AGAIN)

        with pytest.raises(KeyboardInterrupt), terminable():  # noqa: PT012
            while left:
                Mine()
            time.sleep(60)
        assert left == []

    def test_other_errors_go_where_they_went_before(self, monkeypatch):
        class Mine:
            def __del__(self):
                raise ValueError

        seen = []

        def hook(dropped):
            seen.append(dropped.exc_type)

        monkeypatch.setattr(sys, "unraisablehook", hook)
        with terminable():
            Mine()
        assert seen == [ValueError]
        assert sys.unraisablehook is hook
