"""The model language: what it reads, and where it says it cannot."""

import pytest

from psychometrics import ModelSyntaxError, parse_model


def stated(text):
    return [(s.lhs, s.op, s.rhs) for s in parse_model(text)]


def test_a_factor_is_measured_by_each_item_of_its_line():
    assert stated("f =~ x1 + x2") == [("f", "=~", "x1"), ("f", "=~", "x2")]


def test_a_line_goes_on_after_an_operator_and_before_a_plus():
    assert stated("f =~ x1 +\n x2\n + x3") == stated("f =~ x1 + x2 + x3")


def test_comments_and_semicolons_end_a_statement():
    assert stated("f =~ x1 # the first\n; f ~~ f ! its variance") == [
        ("f", "=~", "x1"),
        ("f", "~~", "f"),
    ]


def test_numbers_fix_names_label_and_na_frees():
    one, two, three = parse_model("f =~ 0.8*x1 + a*x2 + NA*x3")
    assert one.fixed == (0.8,)
    assert two.label == ("a",)
    assert three.free == (True,) and three.fixed == (None,)


def test_one_entry_a_group_stands_in_c():
    (statement,) = parse_model("f =~ c(1, NA)*x1 + c(a, b)*x1")
    assert statement.fixed == (1.0, None)
    assert statement.label == ("a", "b")


def test_two_names_on_the_left_make_two_statements():
    assert stated("x1 + x2 ~~ 0*x3") == [("x1", "~~", "x3"), ("x2", "~~", "x3")]


def test_item_names_may_be_of_any_script():
    assert stated("vertrauen =~ zuhören_1 + zuhören_2")[0][2] == "zuhören_1"


@pytest.mark.parametrize(
    "text, place, said",
    [
        ("f =~ x1 + ", "line 1, column 9", "nothing after"),
        ("f =~ x1\ng = x2", "line 2, column 3", "'='"),
        ("f =~ x1\nf x2", "line 2, column 1", "no operator"),
        ("f =~ 2*", "line 1, column 7", "nothing after"),
        ("f =~ (x1", "line 1, column 7", "not closed"),
        ("f =~ c(1 2)*x1", "line 1, column 6", "commas"),
        ("f =~ q(1)*x1", "line 1, column 6", "not known"),
        ("x1 | cut1", "line 1, column 6", "t1, t2"),
        ("f =~ 3", "line 1, column 6", "name"),
        ("=~ x1", "line 1, column 1", "nothing stands before"),
        ("f =~ c(1, a)*x1", "line 1, column 11", "mixed"),
    ],
)
def test_an_error_names_line_and_column(text, place, said):
    with pytest.raises(ModelSyntaxError, match=said) as caught:
        parse_model(text)
    assert place in str(caught.value)


def test_an_empty_model_is_refused():
    with pytest.raises(ModelSyntaxError, match="empty"):
        parse_model("  \n")
