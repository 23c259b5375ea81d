from reports.labels import short


def test_namesakes_show_what_tells_them_apart():
    texts = ["rosenbrock:dim=2,scale=1", "rosenbrock:dim=2,scale=10", "ackley:dim=8"]
    assert short(texts) == {
        texts[0]: "rosenbrock scale=1",
        texts[1]: "rosenbrock scale=10",
        texts[2]: "ackley",
    }


def test_a_parameter_that_only_one_has_tells_them_apart():
    assert short(["greedy", "greedy:patience=5"]) == {
        "greedy": "greedy",
        "greedy:patience=5": "greedy patience=5",
    }


def test_what_is_not_a_component_stays_as_it_is():
    assert short(["<script>", ""]) == {"<script>": "<script>", "": ""}
