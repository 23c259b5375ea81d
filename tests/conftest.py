"""What holds for every test."""

import signal

# The background jobs of a shell ignore interrupts, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
