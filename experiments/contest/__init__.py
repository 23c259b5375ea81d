"""Who wins where: the experiment of `lab rank`."""
