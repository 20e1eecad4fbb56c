"""Write the reference pages that follow from the code: the config, the parts, the commands, the codes.

    python docs/site/make_reference.py            # writes docs/reference/
    python docs/site/make_reference.py --check    # only names stale pages; exit code 1 if there are any

Nothing here is written by hand twice: names, keys, ranges, defaults and texts come from the registry, from the
sections of a config, from the command line's own parser, and from the tables of codes, rules and checks.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer.main

from dnnlab.cli.main import app
from dnnlab.codes import CODES as PROBLEM_CODES
from dnnlab.commands.check.all_checks import CHECKS
from dnnlab.commands.show.keys import form_of
from dnnlab.commands.show.show import part_details
from dnnlab.config.json_schema import json_schema
from dnnlab.config.lint import RULES as LINT_RULES
from dnnlab.config.schema_paths import Slot, slot_of
from dnnlab.config.sections import ROOT
from dnnlab.diagnose.rules import RULES as DOCTOR_RULES
from dnnlab.registry import KINDS, Field, RegistryEntry, entries, inline, plain
from dnnlab.registry.key_docs import field_texts
from dnnlab.registry.model import REQUIRED
from dnnlab.registry.plain import UNWRITTEN
from dnnlab.render.screens.show_part import foreign_words, legend, type_words, yaml_block
from dnnlab.render.terminal.yaml import yaml_lines
from dnnlab.search.spec_keys import StageKeys, SweepKeys

REFERENCE = Path(__file__).parents[1] / "reference"
NOTE = "<!-- Written by docs/site/make_reference.py; edit the code's own texts instead of this page. -->"
KEY_TITLES = ("key", "default", "takes", "meaning")
TITLES = {
    "activation": ("Activations", "What a layer applies to its linear outputs."),
    "initializer": ("Initializers", "The weights before the first step; biases start at 0."),
    "normalization": ("Normalizations", "Modules between the layers, and parametrizations of weights."),
    "layer": ("Layers", "What `architecture: {name: sequential, layers: [...]}` lists."),
    "architecture": ("Architectures", "The shape of the net."),
    "loss": ("Losses", "What the training minimizes. `auto` chooses by the targets."),
    "metrics": ("Metrics", "What is measured beside the loss. `auto` chooses by the targets."),
    "optimizer": ("Optimizers", "How the weights follow the gradient."),
    "schedule": ("Schedules", "The learning rate over the steps; every schedule takes `warmup`."),
    "gradient_clipping": ("Gradient clipping", "A bound for gradients, applied before each update."),
    "regularizers": ("Regularizers", "What acts against overfitting; a mapping from names to keys."),
    "data": ("Data", "Where the rows come from. The common keys hold for every data set."),
    "augment": ("Augmentations", "Random changes of training images, drawn anew in each step."),
    "probe": ("Probes", "What `logging: {probes: {...}}` measures while a net trains."),
}

VARIABLES = (
    ("`DNNLAB_RUNS`", "the folder of the runs, in place of `runs`"),
    ("`DNNLAB_DATA`", "where data files are looked for if they are not beside the config"),
    ("`DNNLAB_CACHE`", "the folder of the caches, in place of `~/.cache/dnnlab`"),
    ("`DNNLAB_OFFLINE`", "set: no download"),
    ("`DNNLAB_DEBUG`", "set: a fault of dnnlab itself prints its traceback"),
    ("`NO_COLOR`", "set: no colours"),
)


def text(words: str) -> str:
    """Plain words as Markdown: signs that Markdown would read are escaped, `code` stays as it is.

    >>> text("a * b < c, see `x*y`")
    'a \\\\* b &lt; c, see `x*y`'
    """
    pieces = re.split(r"(`[^`]+`)", words)
    return "".join(
        piece
        if i % 2
        else re.sub(r"([\\*_\[\]])", r"\\\1", piece).replace("<", "&lt;").replace("|", "&#124;")
        for i, piece in enumerate(pieces)
    )


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; its cells are Markdown already."""
    lines = [titles, ["---"] * len(titles), *rows]
    return ["", *(f"| {' | '.join(row)} |" for row in lines), ""]


def code(words: str) -> str:
    """Words as code, in a cell of a table too."""
    return f"`{words}`".replace("|", "\\|") if words else ""


def page(title: str, lines: Iterable[str]) -> str:
    """A whole page; empty lines do not pile up."""
    whole = "\n".join([f"# {title}", "", NOTE, "", *lines]).rstrip() + "\n"
    return re.sub(r"\n{3,}", "\n\n", whole)


def definition(doc: str) -> list[str]:
    """A docstring as paragraphs; what is indented in it (a table, a formula) stays as it is."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", doc):
        if paragraph.startswith(" "):
            lines += [f"    {line}".rstrip() for line in paragraph.split("\n")]
        else:
            lines.append(text(" ".join(paragraph.split())))
        lines.append("")
    return lines


# Parts


def part_section(entry: RegistryEntry) -> Iterator[str]:
    """One part: definition, keys, names in torch and Keras, source, YAML with every key."""
    face = part_details(entry)
    aliases = ", ".join(code(alias) for alias in face["aliases"])
    yield from (f"## {entry.name}", "", f"Also called {aliases}." if aliases else "", "")
    yield from definition(without_keys(entry))
    own = {name: form for name, form in face["keys"].items() if name not in face["common"]}
    if own:
        yield from key_table(own)
        yield from (f"- {text(words)}" for words in legend(own.values()))
    yield ""
    for library, title in (("torch", "PyTorch"), ("keras", "Keras")):
        if library in face["conversions"]:
            yield f"- {title}: {text(face['conversions'][library])}"
    for key, line in face["hints"].items():
        yield f"- A key of other tools: {code(foreign_words(key, line))}"
    yield from (f"- Source: {text(entry.source)}", "")
    yield from (f"<!-- shown: dnnlab show {entry.kind}.{entry.name} -->", "```yaml")
    short, long = face["yaml"]["short"], face["yaml"]["long"]
    yield from (*(yaml_lines(short, 80) if short == long else yaml_block(long, 80)), "```", "")


def without_keys(entry: RegistryEntry) -> str:
    """The docstring without the paragraph about the keys, which the table repeats; what it raises stays."""
    kept = []
    for paragraph in re.split(r"\n\s*\n", entry.doc):
        label = re.match(r"(\w+)(?:, \w+)*(?: \w+)?:\s", paragraph)
        if label is not None and label[1] in entry.own_fields:
            paragraph = paragraph[found.start() :] if (found := re.search(r"\bRaises\b", paragraph)) else ""
        kept.append(paragraph)
    return "\n\n".join(filter(None, kept))


def key_table(keys: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Keys of a part: default, what each takes, what it means."""
    rows = [
        (code(name), default_words(form), text(type_words(form)), text(form.get("description", "")))
        for name, form in keys.items()
    ]
    return table(KEY_TITLES, rows)


def default_words(form: Mapping[str, Any]) -> str:
    """The default of a key as YAML writes it."""
    if form.get("required"):
        return "required"
    return code(inline(form["default"])) if "default" in form else "as the net"


def kind_page(kind: str) -> str:
    """All parts of a kind, and the keys that they share."""
    title, about = TITLES[kind]
    parts = entries(kind)
    lines = [about, ""]
    lines += table(("part", "in one line"), [(f"[{e.name}](#{e.name})", text(e.summary)) for e in parts])
    shared = next((part_details(entry) for entry in parts if part_details(entry)["common"]), None)
    if shared is not None:
        lines += ["## Keys of every part", ""]
        lines += key_table({name: shared["keys"][name] for name in shared["common"]})
    return page(title, [*lines, *(line for entry in parts for line in part_section(entry))])


def parts_index() -> str:
    """The kinds."""
    rows = [
        (f"[{TITLES[kind][0]}]({kind}.md)", code(kind), str(len(entries(kind))), TITLES[kind][1])
        for kind in KINDS
    ]
    lines = [
        "Each part is a word of a config. `dnnlab list` prints the same list, `dnnlab show adam` one part, and",
        "[plugins](../../guides/plugins.md) add parts of your own.",
        *table(("kind", "key", "parts", "what it is"), rows),
    ]
    return page("Parts", lines)


def kinds_page() -> str:
    """What each kind of parts is called with, and the flags that a part may carry."""
    rows = []
    for kind in KINDS.values():
        called = [", ".join(kind.runtime)]
        called += [f"{flag}={value}: {', '.join(names)}" for (flag, value), names in kind.variants.items()]
        flags = ", ".join(code(f"{flag}={flag_default(value)}") for flag, value in kind.flags.items())
        rows.append((f"[{kind.name}](parts/{kind.name}.md)", code("; ".join(called)), flags))
    lines = [
        "For authors of parts: the positional parameters of each kind, and the flags that `@part(...)` takes, with",
        "their defaults. `dnnlab show KIND --template` prints a part to copy; `dnnlab/registry/kinds.py` says what",
        "each flag means.",
        *table(("kind", "called with", "flags"), rows),
    ]
    return page("The kinds", lines)


def flag_default(value: Any) -> str:
    """The default of a flag; the empty set as {}."""
    return "{}" if value == frozenset() else repr(value)


# The config


def config_page() -> str:
    """Every key of a config: the top level, then the sections."""
    schema = json_schema()
    known = {**schema["properties"], **schema["else"]["properties"]}
    about = {name: words_of(known[name]) for name in ("base", *ROOT.fields)}
    lines = [
        "A config is one YAML file. Only `data` is required. [The language of a config](../guides/config.md)",
        "explains overrides, bases, durations and patterns; [the parts](parts/index.md) have pages of their own.",
    ]
    rows = [(code("base"), "none", "a path", text(about["base"]))]
    for name, key in ROOT.fields.items():
        rows.append((top_name(name, key), field_default(key), field_words(key), text(about[name])))
    lines += table(KEY_TITLES, rows)
    for name, key in ROOT.fields.items():
        slot = slot_of(key)
        if slot.form in ("section", "patterns"):
            lines += section_lines(name, slot, known[name])
    return page("The config", lines)


def section_lines(name: str, slot: Slot, whole: Mapping[str, Any]) -> list[str]:
    """The keys of a section, then those of the sections in it. whole: its schema."""
    beginning = {
        "patterns": "A mapping from patterns of layer names to these keys:",
        "sections": "A list of mappings with these keys:",
    }.get(slot.form, "")
    inner = whole.get("additionalProperties") or whole.get("items") or whole
    schema = inner.get("anyOf", [inner])[0]["properties"]
    rows = [
        (code(key), field_default(field), field_words(field), text(words_of(schema[key])))
        for key, field in slot.fields.items()
    ]
    lines = [f"## {name}", "", beginning, *table(KEY_TITLES, rows)]
    for key, field in slot.fields.items():
        if slot_of(field).form == "sections":
            lines += section_lines(f"{name}.{key}", slot_of(field), schema[key])
    return lines


def top_name(name: str, key: Field) -> str:
    """The key, with a link to the page of its parts or to its section."""
    slot = slot_of(key)
    if slot.kind:
        return f"[`{name}`](parts/{slot.kind}.md)"
    return f"[`{name}`](#{name})" if slot.form in ("section", "patterns") else code(name)


def words_of(schema: Mapping[str, Any]) -> str:
    """What the JSON Schema says of a key."""
    return str(schema.get("description", ""))


def field_default(key: Field) -> str:
    """The default of a key of a section."""
    if key.default is REQUIRED:
        return "required"
    if key.default is UNWRITTEN:
        return "as the net"
    return code(inline(plain(key.default)))


def field_words(key: Field) -> str:
    """What a key of a section takes."""
    slot = slot_of(key)
    if slot.form in ("section", "patterns"):
        return "a mapping"
    if slot.form == "sections":
        return "a list of mappings"
    words = {"one": "a part", "many": "a list of parts", "by_name": "a mapping of parts"}.get(slot.form)
    if words is not None:
        return " or ".join([words, *(code(word) for word in slot.words)])
    return text(type_words(form_of(key.annotation)))


# Sweeps


def sweep_page() -> str:
    """The keys of a sweep file and of its stages."""
    lines = [
        "A sweep file names a `base` and either `search` or `cases`. [The guide](../guides/sweep.md) shows",
        "examples; [the commands](commands.md#sweep) set most keys too.",
        "",
    ]
    for title, keys in (("The file", SweepKeys), ("A stage", StageKeys)):
        about = field_texts(keys)
        rows = [
            (code(name), field_default(key), field_words(key), text(about[name]))
            for name, key in keys.yaml_keys.items()
        ]
        lines += [f"## {title}", "", *table(KEY_TITLES, rows)]
    return page("Sweep files", lines)


# The commands


def commands_page() -> str:
    """Every command with its arguments and options, from the parser itself."""
    lines = [
        "`dnnlab COMMAND --help` prints the same. CONFIG is a YAML file; RUN is a path, a folder's name, any unique",
        "piece of it, `last` or `last~2`; KEY=VALUE changes a key of the config. Results go to stdout, progress to",
        "stderr. [Exit codes](codes.md#exit-codes) and [JSON](json.md) have pages of their own.",
        "`dnnlab --install-completion` completes commands, runs, configs, parts and keys in the shell.",
        "",
    ]
    for name, command in typer.main.get_command(app).commands.items():
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = " ".join(["dnnlab", name, "[OPTIONS]", *(str(p.metavar) for p in arguments)])
        lines += [f"## {name}", "", code(usage), "", *definition(inspect.cleandoc(command.help or ""))]
        rows = [parameter_row(p) for p in command.params if not getattr(p, "hidden", False)]
        lines += table(("argument or option", "meaning"), rows)
    lines += ["## Environment variables", "", *table(("variable", "meaning"), VARIABLES)]
    return page("Commands", lines)


def parameter_row(parameter: Any) -> tuple[str, str]:
    """An argument or option, and its help."""
    if parameter.param_type_name == "argument":
        return code(parameter.metavar), text(parameter.help or "")
    return code(" ".join([", ".join(parameter.opts), parameter.metavar or ""]).strip()), text(
        parameter.help or ""
    )


# The codes


def codes_page() -> str:
    """Exit codes, checks, rules of the doctor, advice, problems."""
    exits = (
        ("0", "done; `check`: all passed; a sweep: its ledger is complete and a trial succeeded"),
        ("1", "failed; `check`: a check failed; `doctor --fail-on`: a verdict that severe"),
        ("2", "a mistake in the command or the config; nothing was created"),
        ("3", "diverged: a loss or gradient is not finite"),
        ("4", "out of memory"),
        ("5", "the disk is full or not writable"),
        ("130", "interrupted (Ctrl-C); saved"),
        ("143", "terminated (SIGTERM); saved"),
    )
    lines = ["## Exit codes", "", *table(("code", "meaning"), exits)]
    lines += [
        "## Checks",
        "",
        "What `dnnlab check` measures, after the config, the data, the shapes and the lint.",
        "",
    ]
    lines += table(("check", "what fails"), [(code(c.__name__), text(first(c))) for c in CHECKS])
    lines += ["## Verdicts", "", "The rules of `dnnlab doctor`; the cause comes before its consequences.", ""]
    lines += table(
        ("rule", "what is seen", "why it matters", "source"),
        [(code(r.name), text(first(r.look)), text(r.why), text(r.source)) for r in DOCTOR_RULES],
    )
    lines += ["## Advice", "", "The lint of configs; `lint: {ignore: [CODE]}` silences one.", ""]
    lines += table(("code", "what is unwise"), [(code(r.__name__), text(first(r))) for r in LINT_RULES])
    lines += ["## Problems", "", "The `code` of a problem in the JSON form of an error.", ""]
    lines += table(("code", "meaning"), [(code(c), text(words)) for c, words in PROBLEM_CODES.items()])
    return page("Codes", lines)


def first(function: Any) -> str:
    """The first paragraph of a docstring."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def all_pages() -> dict[Path, str]:
    """Every page that is written, by its path."""
    return {
        REFERENCE / "config.md": config_page(),
        REFERENCE / "kinds.md": kinds_page(),
        REFERENCE / "sweep.md": sweep_page(),
        REFERENCE / "commands.md": commands_page(),
        REFERENCE / "codes.md": codes_page(),
        REFERENCE / "parts" / "index.md": parts_index(),
        **{REFERENCE / "parts" / f"{kind}.md": kind_page(kind) for kind in KINDS},
    }


def main(arguments: Sequence[str]) -> int:
    """Write the pages that have changed, and name them; with --check only name them, and fail for any."""
    pages = all_pages()
    stale = [
        path
        for path, content in pages.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != content
    ]
    for path in stale:
        print(path.relative_to(REFERENCE.parents[1]))
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
