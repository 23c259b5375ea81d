"""How fast a schedule recovers from a perturbation: the experiment of `lab recovery`."""
