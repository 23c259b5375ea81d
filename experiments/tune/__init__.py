"""The best parameters of a schedule: the experiment of `lab tune`."""
