"""Which of GreedyLR's parameters matter: the experiment of `lab ablate`."""
