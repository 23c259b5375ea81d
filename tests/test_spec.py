"""The component grammar: what it means, that it goes there and back, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import RequestError
from lab.spec import Spec, parse

words = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,12}", fullmatch=True)
#: Quoted text may hold one kind of quote.
texts = st.one_of(
    st.from_regex(r"[A-Za-z0-9./%+_-]{1,12}", fullmatch=True),
    st.text(st.characters(exclude_characters="'"), max_size=12),
    st.text(st.characters(exclude_characters='"'), max_size=12),
)
specs = st.recursive(
    st.builds(Spec, words, st.dictionaries(words, texts, max_size=3)),
    lambda inner: st.builds(Spec, words, st.dictionaries(words, texts | inner, max_size=3)),
    max_leaves=5,
)


@given(specs)
def test_a_component_written_and_read_is_itself(spec):
    assert parse(str(spec)) == spec


@given(st.text(st.sampled_from("ab1-:=,()'\" ./"), max_size=14))
def test_any_text_is_read_or_refused(text):
    complaint = ""
    try:
        spec = parse(text)
    except RequestError as error:
        complaint = str(error)
    else:
        assert parse(str(spec)) == spec
    assert "\n" not in complaint
    assert not complaint or repr(text) in complaint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rosenbrock", Spec("rosenbrock")),
        ("six-hump-camel", Spec("six-hump-camel")),
        ("rastrigin:dim=10,amplitude=5.5", Spec("rastrigin", {"dim": "10", "amplitude": "5.5"})),
        ("multistep:milestones=30/80", Spec("multistep", {"milestones": "30/80"})),
        ("a:x=-1e-3", Spec("a", {"x": "-1e-3"})),
        ("a:x=10%", Spec("a", {"x": "10%"})),
        ("a:x='p,q:r=(s)'", Spec("a", {"x": "p,q:r=(s)"})),
        ('a:x="it\'s",y=1', Spec("a", {"x": "it's", "y": "1"})),
        ("a:x=''", Spec("a", {"x": ""})),
        (
            "warmup:steps=20,then=(cosine:T_max=180)",
            Spec("warmup", {"steps": "20", "then": Spec("cosine", {"T_max": "180"})}),
        ),
        (
            "a:x=(b:y=(c:z='(')),w=1",
            Spec("a", {"x": Spec("b", {"y": Spec("c", {"z": "("})}), "w": "1"}),
        ),
        ("a:x=(b)", Spec("a", {"x": Spec("b")})),
    ],
)
def test_meaning(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "expected a name, the text ends"),
        (" rosenbrock", "expected a name, found ' '"),
        ("9lives", "expected a name, found '9'"),
        ("rosenbrock:", "expected a key, the text ends"),
        ("rosenbrock:dim", "key 'dim' has no value"),
        ("rosenbrock:dim=", "key 'dim' has no value"),
        ("rosenbrock:dim=,scale=1", "key 'dim' has no value"),
        ("rosenbrock:dim=2,", "expected a key, the text ends"),
        ("rosenbrock:dim=2,dim=3", "key 'dim' is given twice"),
        ("rosenbrock:=2", "expected a key, found '='"),
        ("rosenbrock:dim=2:scale=1", "unexpected ':scale=1'"),
        ("rosenbrock:dim=2 ", "unexpected ' '"),
        ("rosenbrock dim=2", "unexpected ' dim=2'"),
        ("rosenbrock,dim=2", "unexpected ',dim=2'"),
        ("a:x=2=3", "unexpected '=3'"),
        ("a:x='open", "the quote after x= is not closed"),
        ("a:x=\"open'", "the quote after x= is not closed"),
        ("a:x='b'c", "unexpected 'c'"),
        ("a:x=(b", "the bracket after x= is not closed"),
        ("a:x=(b:y=1", "the bracket after x= is not closed"),
        ("a:x=(b))", "unexpected ')'"),
        ("a:x=()", "expected a name, found ')'"),
        ("a:x=(b:)", "expected a key, found ')'"),
    ],
)
def test_what_is_refused(text, complaint):
    with pytest.raises(RequestError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"component {text!r}: {complaint} (write name or ")


@pytest.mark.parametrize("depth", [51, 3000])
def test_what_nobody_nests_so_deeply_is_refused(depth):
    text = "a:x=(" * 50 + "a" + ")" * 50
    assert str(parse(text)) == text
    with pytest.raises(RequestError, match="more than 50 components lie within each other"):
        parse("a:x=(" * depth + "a" + ")" * depth)


def test_depth_is_not_number():
    text = ",".join(f"x{i}=(b)" for i in range(60))
    assert len(parse(f"a:{text}").values) == 60
