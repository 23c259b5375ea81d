"""The rotated classics: names for compositions that are asked for often."""

from __future__ import annotations

from dataclasses import replace

from lab.component import Composite, Landscape, Parameter, Values
from lab.spec import Spec
from landscapes.transformed import TRANSFORMED


def rotated(inner: str, classic: str, number: str) -> Composite:
    """A composite that is a rotation of the landscape `inner`, shifted if wanted."""

    def inside(values: Values) -> Values:
        """The same as values of `transformed`."""
        return TRANSFORMED.read(
            Spec(
                "transformed",
                {
                    "of": Spec(inner, {"dim": str(values["dim"])}),
                    "rotate": "true",
                    "shift": repr(values["shift"]),
                    "fixed": str(values["fixed"]),
                },
            )
        )

    def build(values: Values) -> Landscape:
        made = TRANSFORMED.build(inside(values))
        return replace(
            made,
            name=declared.name,
            summary=declared.summary,
            source=declared.source,
            parameters=declared.parameters,
            notes=declared.notes,
            formula=declared.formula,
            facts=declared.facts,
            constants=declared.constants,
            instance_normals=declared.instance_normals,
            workspace=declared.workspace,
            contents=declared.contents,
        )

    declared = Composite(
        name=f"rotated-{inner}",
        summary=f"{classic}'s function in randomly rotated coordinates",
        source=(
            "Hansen, Finck, Ros & Auger, Real-parameter black-box optimization benchmarking 2009:"
            f" noiseless functions definitions, INRIA RR-6829, {number}"
        ),
        parameters=(
            Parameter("dim", 10, "number of coordinates", "[2, 1000]"),
            Parameter(
                "shift",
                0.0,
                "standard deviation of the minimiser's random shift, per coordinate",
                "[0, inf)",
            ),
            Parameter(
                "fixed",
                0,
                "number of the shift and rotation that all seeds share; 0 = every seed has its own",
                "[0, 1000000000]",
            ),
        ),
        notes=(
            f"The raw formula of {inner}, without the test suite's irregularities and factors; the"
            f" same as transformed:of=({inner}:dim=10),rotate=true. Every seed has a rotation of"
            " its own, unless `fixed` numbers one for all."
        ),
        formula=f"f(c + R (x - s - c)), R'R = I, f = {inner}, c its minimiser, s ~ shift * N(0, I)",
        facts=lambda values: TRANSFORMED.facts(inside(values)),
        constants=lambda values: TRANSFORMED.constants(inside(values)),
        instance_normals=lambda values: TRANSFORMED.instance_normals(inside(values)),
        workspace=lambda values: TRANSFORMED.workspace(inside(values)),
        rule=lambda values: TRANSFORMED.rule(inside(values)),
        build=build,
    )
    return declared


ROTATED_RASTRIGIN = rotated("rastrigin", "Rastrigin", "f15")
ROTATED_ROSENBROCK = rotated("rosenbrock", "Rosenbrock", "f9")
