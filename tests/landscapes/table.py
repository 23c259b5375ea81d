"""The landscapes that the law tests go through: all that are registered, and some variants."""

from __future__ import annotations

import inspect

from lab.component import Chosen
from landscapes import LANDSCAPES

#: Besides every landscape with its default parameters.
VARIANTS = [
    "ackley:dim=8",
    "ackley:dim=1",
    "huber:dim=1,delta=0.01",
    "quadratic:dim=15,L=2000,condition=1000",
    "quadratic:dim=1,L=3,condition=1",
    "quadratic-study:condition=1",
    "quadratic-study:dim=1,condition=1000",
    "drifting:of=(transformed:of=(ackley:dim=3),shift=1)",
    "switching:first=(rastrigin),second=(griewank),order=blocks",
    "switching:first=(sample-bias),second=(huber:dim=1),share=0.25",
    "switching:first=(rastrigin),second=(switching:first=(rosenbrock),second=(huber))",
    "rotated-rosenbrock:dim=3,shift=1,fixed=2",
    "cliff:dim=1,width=0.3",
    "different-powers:dim=1",
    "different-powers:dim=3",
    "dixon-price:dim=1",
    "dixon-price:dim=5",
    "griewank:dim=6",
    "lasso:dim=4,penalty=0",
    "least-squares:problem=P2,batch=4",
    "levy:dim=1",
    "levy:dim=5",
    "logistic:batch=3",
    "matrix-factorisation:rows=2,columns=5,rank=1",
    "michalewicz:dim=5",
    "network:hidden=2",
    "power:exponent=1.5",
    "power:exponent=2",
    "power:exponent=3.7",
    "quadratic:dim=9,spectrum=clustered",
    "quadratic:dim=40,spectrum=sparse",
    "quadratic:dim=9,spectrum=adversarial",
    "quadratic:dim=9,spectrum=random",
    "rastrigin:dim=10,amplitude=20",
    "rastrigin:dim=1,amplitude=0.01",
    "rosenbrock:scale=0.1",
    "rosenbrock:dim=5,scale=10",
    "rosenbrock:dim=12",
    "saddle:kind=degenerate",
    "saddle:kind=monkey",
    "schaffers-f7:dim=5",
    "transformed:of=(rastrigin:dim=3),shift=1",
    "transformed:of=(rosenbrock:dim=3),shift=0.5,fixed=7,scale=3",
    "transformed:of=(rosenbrock:dim=4),shift=2,rotate=true,condition=20",
    "transformed:of=(ackley:dim=5),shift=1,rotate=true,condition=10,fixed=2",
    "transformed:of=(least-squares),shift=1,fixed=3,condition=4,scale=2",
    "transformed:of=(quadratic:dim=1,condition=1),shift=1,rotate=true,condition=9",
    "transformed:of=(quadratic-study:dim=3),shift=1,rotate=true,scale=0.5",
    "transformed:of=(transformed:of=(rastrigin:dim=3),shift=1,rotate=true),rotate=true,fixed=3",
]

#: Those that have a kink at the minimiser, where the gradient need not be 0.
KINKED = {"absolute", "ackley", "hinge", "lasso", "max-affine", "sharp-ridge"}
KINKED |= {"different-powers", "schaffers-f7"}

#: Size of the terms of a value that cancel each other, where they do; 0 elsewhere. An error of the
#: value of 1e-16 of that is the best there can be.
CANCELLING = {"schwefel": 840.0, "michalewicz": 2.0, "logistic": 1.0, "hinge": 1.0, "lasso": 1.0}

#: Those whose value and gradient keep their relative accuracy down to the minimum, because the
#: minimiser is a float and the formula does not cancel there.
SHARP = {
    *("absolute", "bent-cigar", "booth", "cliff", "different-powers", "discus", "ellipsoid"),
    *("griewank", "huber", "jittered-quadratic", "levy", "log-cosh", "max-affine", "power"),
    *("ackley", "quadratic", "quadratic-study", "rastrigin", "rosenbrock", "schaffers-f7"),
    *("sharp-ridge", "valley", "zakharov", "nonconvex-sum", "sample-bias"),
}

#: Those that reach 1e-11 only: x is moved by a shift first, angles grow with the square of x, or
#: slopes are small differences of large terms.
SLACK = {"transformed", "drifting", "rotated-rastrigin", "rotated-rosenbrock"}
SLACK |= {"michalewicz", "schwefel"}

#: Every landscape and the variants.
TABLE = [*LANDSCAPES.all(), *VARIANTS]


def sampled(landscape: Chosen) -> bool:
    """Whether a step sees a sample: the gradient is then that of the sample's loss."""
    return "seen" in inspect.signature(landscape.component.kernel).parameters


#: Those whose gradient is that of the value. The others have test files of their own besides.
EXACT = [text for text in TABLE if not sampled(LANDSCAPES.choose(text))]
