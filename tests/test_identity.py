"""Every component has an identity: what names result directories and cached results."""

from dataclasses import replace

import pytest

from experiments.components import REGISTRIES

NAMED = [
    (kind, name)
    for kind, registry in REGISTRIES.items()
    for name, component in registry.all().items()
    if not any(parameter.required for parameter in component.parameters)
]


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_a_component_as_it_is_chosen_by_name(kind, name):
    chosen = REGISTRIES[kind].choose(name)
    assert chosen.identity.startswith(name)
    assert REGISTRIES[kind].choose(chosen.text).identity == chosen.identity
    for parameter in chosen.component.parameters:
        assert f"{parameter.name}=" in chosen.identity
    edited = replace(chosen, component=replace(chosen.component, fingerprint="of a plug-in"))
    assert edited.identity == f"{chosen.identity} of a plug-in"
