"""What NAME means, everything of a part, and templates that run as they are printed."""

from __future__ import annotations

import pytest
from helpers.trainings import drain

from dnnlab.commands.show.show import named_part, part_details, template
from dnnlab.commands.show.templates import EFFECTS, template_of
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop
from dnnlab.errors import RunError, UsageError
from dnnlab.registry import KINDS, bind, entries, find
from dnnlab.rundir import read_run

TWICE = '''
from dnnlab.registry import part

@part("loss", source="a test", targets=frozenset({"index"}))
def elu(task):
    """A loss that is called like an activation."""
'''
REST = "architecture: {hidden: [16]}\ntraining: {epochs: 1}\nlogging: {steps_every: none}\n"
EXAMPLES = [(kind, None) for kind in KINDS if kind != "regularizers"] + [
    ("regularizers", effect) for effect in EFFECTS
]


def test_a_name_an_alias_and_a_kind_with_a_name(tmp_path):
    for word in ("sigmoid", "logistic", "activation.sigmoid", "activation.logistic"):
        entry = named_part(word, tmp_path)
        assert (entry.kind, entry.name) == ("activation", "sigmoid")


def test_a_name_of_two_kinds_asks_which(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(TWICE)
    text = (
        r"elu is a part of 2 kinds; expected one part; write activation\.elu \(`z` for z > 0, .*\) "
        r"or loss\.elu \(A loss that is called .*\)"
    )
    with pytest.raises(UsageError, match=text):
        named_part("elu", tmp_path, file)
    assert named_part("loss.elu", tmp_path).kind == "loss"


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("adm", r'nothing is called "adm": no part, no file, no run; .*did you mean optimizer\.adam'),
        (
            "optimizer.adm",
            r'no optimizer is called "adm"; known: adam, \w+, \w+ and \d+ others; '
            r"did you mean optimizer\.adam",
        ),
        (
            "regularizers.qqq",
            r'no regularizer is called "qqq"; known: alpha_dropout, .*, unit_norm; '
            r"`dnnlab list regularizers` shows",
        ),
        (
            "activation",
            r"activation is a kind of parts; .*`dnnlab list activation` "
            r".*`dnnlab show layer\.activation` the layer of this name",
        ),
        (
            "schedule",
            r"schedule is a kind of parts; .*`dnnlab list schedule` .*`dnnlab show schedule --template`",
        ),
        ("qqqqqq", r'nothing is called "qqqqqq": .*`dnnlab list` shows all parts'),
    ],
)
def test_a_word_that_means_nothing_is_told_the_nearest(word, text, tmp_path):
    with pytest.raises(UsageError, match=text):
        named_part(word, tmp_path)


def test_files_and_runs_are_no_parts(tmp_path):
    assert named_part("elu.yaml", tmp_path) is None
    (tmp_path / "20261122-041833-mine-7f3a1c").mkdir()
    assert named_part("7f3a1c", tmp_path) is None
    with pytest.raises(RunError, match="holds only 1 runs"):
        named_part("last~3", tmp_path)


@pytest.mark.parametrize("kind", list(KINDS))
def test_everything_of_every_part_is_there(kind):
    for entry in entries(kind):
        face = part_details(entry)
        assert face["definition"] == entry.doc
        assert [name for name in face["keys"] if name not in face["common"]] == list(entry.own_fields)
        assert face["plugin"] is None and face["yaml"]["short"]


@pytest.mark.parametrize(
    "kind",
    ["activation", "initializer", "normalization", "loss", "optimizer", "schedule", "gradient_clipping"],
)
def test_users_of_torch_and_keras_find_their_names(kind):
    assert [
        entry.name
        for entry in entries(kind)
        if set(entry.conversions) != {"torch", "keras"} and entry.origin is None
    ] == []


def written_example(text: str) -> str:
    """The YAML lines in the docstring of a template."""
    lines = text.split('"""')[1].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("plugins:"))
    return "\n".join(line for line in lines[start:] if ": " in line and not line.startswith("`"))


@pytest.mark.parametrize(("kind", "effect"), EXAMPLES, ids=[effect or kind for kind, effect in EXAMPLES])
def test_a_template_registers_and_trains_as_it_is_printed(kind, effect, tmp_path):
    text = template_of(kind, effect)
    example = written_example(text)
    file = example.partition("plugins: [")[2].partition("]")[0]
    (tmp_path / file).write_text(text)
    data = "" if "\ndata:" in example else "data: {name: digits, limit: 200}\n"
    rest = REST.partition("\n")[2] if "architecture:" in example else REST
    rest = "training: {epochs: 1}\n" if kind == "probe" else rest
    config = load(
        tmp_path / "mine.yaml",
        read=lambda path: path.read_text() if path.suffix == ".py" else f"{example}\n{data}{rest}",
    )
    mine = [entry for entry in entries(kind) if entry.origin == str((tmp_path / file).resolve())]
    assert (len(mine) == 1 and mine[0].example) or not mine[0].own_fields
    assert [key for key in mine[0].own_fields if f"{key}:" not in mine[0].doc] == []
    bind(kind, {"name": mine[0].name, **mine[0].example})
    run = drain(train(config, tmp_path / "runs"), Stop())[0].path
    seen = read_run(run)
    assert seen.status in ("done", "stopped_early") and len(seen.rows("metrics.jsonl")) == 1
    if kind == "probe":
        assert seen.rows("my_probe.jsonl")[0]["largest"]


def test_the_template_of_a_part_is_that_of_its_kind_and_effect():
    assert template("elu") == ("activation", template_of("activation"))
    assert template("layer")[0] == "layer"  # a kind, though a normalization is called so too
    assert 'effect="inside"' in template("regularizers.dropout")[1]
    assert find("regularizers", "my_penalty") is None  # printing runs nothing
    with pytest.raises(
        UsageError, match=r'no kind or part is called "activatoin"; .*did you mean activation\?'
    ):
        template("activatoin")
