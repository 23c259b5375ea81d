"""What the claims are judged on, and how: the experiment of `lab check`."""
