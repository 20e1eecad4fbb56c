"""The JSON Schema (draft 7) of a config, with which editors complete and check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from ..registry import KINDS, UNWRITTEN, RegistryEntry, entries, find
from ..registry.json_schema import Refer, Schema, any_of, closed, of_field
from ..registry.key_docs import field_texts, key_texts
from .lint import CODES
from .schema_paths import slot_of
from .sections import ROOT, Experiment

TITLE = "dnnlab config"
_BASE: Schema = {
    "type": "string",
    "description": "A file whose keys stand below those of this one, relative to it; none: no such file.",
}


def json_schema() -> Schema:
    """The schema of a config file.

    Its `definitions` hold one entry a kind and a few a part; registered plugins are part of it.
    """
    writer, fields = _Writer(), ROOT.fields
    texts = field_texts(Experiment)
    whole = {name: of_field(key, writer.refer) for name, key in fields.items()}
    whole["lint"]["properties"]["ignore"]["items"] = {"enum": list(CODES)}
    kinds = {name: slot_of(key).kind for name, key in fields.items() if slot_of(key).form == "one"}
    asking = [name for name, key in fields.items() if any(f.required for f in (key.section or {}).values())]
    properties: Schema = {"base": _BASE}
    for name, schema in whole.items():
        properties[name] = {} if name in kinds or name in asking else _beside(schema, texts[name])
    # A file with a base may edit the part that the base chose; a file alone only the default part.
    edits = {
        name: _beside(any_of([whole[name], writer.edit_any(kind)]), texts[name])
        for name, kind in kinds.items()
    }
    edits |= {name: _beside(_incomplete(whole[name]), texts[name]) for name in asking}
    alone = {name: _beside(whole[name], texts[name]) for name in (*kinds, *asking)}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": TITLE,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "if": {"properties": {"base": {}}, "required": ["base"]},
        "then": {"properties": edits},
        "else": {"properties": alone, "required": [name for name, key in fields.items() if key.required]},
        "definitions": dict(sorted(writer.definitions.items())),
    }


@dataclass
class _Writer:
    """Gathers the definitions that keys refer to."""

    definitions: Schema = field(default_factory=dict)

    def refer(self, form: str, kind: str, default: Any) -> Schema:
        """The schema of a key that holds one part, a list or a mapping of parts."""
        one = self._define(kind, lambda: self._kind(kind))
        if form == "list":
            return {"type": "array", "items": one}
        if form == "map":
            return any_of([self._by_name(kind), {"type": "array", "items": one}, {"const": "none"}])
        if default is UNWRITTEN:
            return any_of([one, self.edit_any(kind)])
        entry = find(kind, _name_of(default))
        return one if entry is None else any_of([one, self._keys(entry, complete=False)])

    def _refer_loosely(self, form: str, kind: str, default: Any) -> Schema:
        """The same for a key whose part another file may have chosen, and which is edited here."""
        found = self.refer(form, kind, default)
        return any_of([found, self.edit_any(kind)]) if form == "one" else found

    def edit_any(self, kind: str) -> Schema:
        """A mapping of keys of any part of the kind: it edits the part that another file chose."""

        def edit() -> Schema:
            found: dict[str, list[Schema]] = {}
            for entry in entries(kind):
                for name, schema in self._closed(entry, self._refer_loosely)["properties"].items():
                    found.setdefault(name, []).append({k: v for k, v in schema.items() if k != "default"})
            return {
                "type": "object",
                "properties": {k: any_of(v) for k, v in found.items()},
                "additionalProperties": False,
            }

        return self._define(f"{kind}-edit", edit)

    def _kind(self, kind: str) -> Schema:
        """A part of the kind: by its name alone, by name and keys, or in the form with one key."""
        short = {name: self._short(entry) for entry in entries(kind) for name in _words(entry)}
        single = {
            "type": "object",
            "properties": short,
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        }
        return any_of([self._names(kind), *(self._part(entry) for entry in entries(kind)), single])

    def _names(self, kind: str) -> Schema:
        plain = [word for entry in entries(kind) if not _required(entry) for word in _words(entry)]
        return self._define(f"{kind}-names", lambda: {"enum": plain} if plain else {"not": {}})

    def _part(self, entry: RegistryEntry) -> Schema:
        def part() -> Schema:
            keys = self._closed(entry)
            properties = {"name": {"enum": _words(entry), "description": entry.summary}, **keys["properties"]}
            return {
                **keys,
                "description": _about(entry),
                "properties": properties,
                "required": ["name", *_required(entry)],
            }

        return self._define(f"{entry.kind}.{entry.name}", part)

    def _keys(self, entry: RegistryEntry, *, complete: bool) -> Schema:
        """The keys of a part, without its name. complete: its required keys are asked for."""
        required = _required(entry)
        name = f"{entry.kind}.{entry.name}-{'edit' if required and not complete else 'keys'}"

        def keys() -> Schema:
            schema = {**self._closed(entry), "description": _about(entry)}
            return {**schema, "required": required} if required and complete else schema

        return self._define(name, keys)

    def _closed(self, entry: RegistryEntry, refer: Refer | None = None) -> Schema:
        """The mapping of a part's keys, none of them asked for.

        Keys that the whole kind shares are written once.
        """
        shared = KINDS[entry.kind].common_for(entry.flags)
        own = closed(entry.own_fields, key_texts(entry.doc, entry.own_fields), refer or self.refer)[
            "properties"
        ]
        if shared is None:
            return {"type": "object", "properties": own, "additionalProperties": False}
        common = {name: key for name, key in entry.fields.items() if name not in entry.own_fields}
        all_of_them = closed(common, field_texts(shared), self.refer)["properties"]
        references = {
            name: self._define(f"{entry.kind}-{name}", partial(dict, schema))
            for name, schema in all_of_them.items()
        }
        return {"type": "object", "properties": {**own, **references}, "additionalProperties": False}

    def _short(self, entry: RegistryEntry) -> Schema:
        """The value after a part's name: its keys, `true` for its defaults, or the value of its first key."""
        first, required = entry.first_key, _required(entry)
        forms = [self._keys(entry, complete=True), self._part(entry)]
        forms += [] if required else [{"const": True}]
        if first is not None and set(required) <= {first}:
            forms += [
                bare
                for bare in [self._bare(of_field(entry.own_fields[first], self.refer))]
                if bare is not None
            ]
        return any_of(forms)

    def _bare(self, schema: Schema) -> Schema | None:
        """The forms of a first key that are not taken for a mapping of keys, for `true` or for no value."""
        if "$ref" in schema:
            kind = next((kind for kind in KINDS if schema == _reference(kind)), None)
            return None if kind is None else self._names(kind)  # any other reference is to a mapping of keys
        if "anyOf" in schema:
            forms = [bare for bare in map(self._bare, schema["anyOf"]) if bare is not None]
            return any_of(forms) if forms else None
        if "enum" in schema:
            return {"enum": [word for word in schema["enum"] if word is not None]}
        return None if schema.get("type") in ("object", "boolean") else schema

    def _by_name(self, kind: str) -> Schema:
        def value(entry: RegistryEntry) -> Schema:
            return {**any_of([self._short(entry), {"const": "none"}]), "description": _about(entry)}

        properties = {name: value(entry) for entry in entries(kind) for name in _words(entry)}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def _define(self, name: str, make: Callable[[], Schema]) -> Schema:
        if name not in self.definitions:
            self.definitions[name] = {}  # parts may hold parts of their own kind
            self.definitions[name] = make()
        return _reference(name)


def _reference(name: str) -> Schema:
    return {"$ref": "#/definitions/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="")}


def _beside(schema: Schema, text: str) -> Schema:
    # Draft 7 ignores the keys next to a reference.
    return {"allOf": [schema], "description": text} if "$ref" in schema else {**schema, "description": text}


def _incomplete(schema: Schema) -> Schema:
    """The schema of a section whose other keys may stand in a base: no key is asked for."""
    forms = schema.get("anyOf", [schema])
    return any_of([{k: v for k, v in form.items() if k != "required"} for form in forms])


def _name_of(default: Any) -> str:
    name = default.get("name", "") if isinstance(default, dict) else default
    return name if isinstance(name, str) else ""


def _words(entry: RegistryEntry) -> list[str]:
    return [entry.name, *entry.aliases]


def _required(entry: RegistryEntry) -> list[str]:
    return [name for name, key in entry.fields.items() if key.required]


def _about(entry: RegistryEntry) -> str:
    return f"{entry.summary} ({entry.source})"
