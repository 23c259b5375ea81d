"""What holds for every test."""

import signal

from hypothesis import HealthCheck, settings

# The background jobs of a shell ignore interrupts, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine fails no test: neither an example nor the making of examples is timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
