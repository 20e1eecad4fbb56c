"""A YAML language server spoken to over its standard streams: what an editor would show for a text."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

COMMAND = os.environ.get("DNNLAB_YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")


class LanguageServer:
    """`with LanguageServer() as server:` starts it (COMMAND), without its network: schemas come from the
    files' first lines.
    """

    def __init__(self) -> None:
        assert COMMAND is not None
        self.process = subprocess.Popen([COMMAND, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.count = 0
        self.said: dict[str, list[dict[str, Any]]] = {}

    def __enter__(self) -> LanguageServer:
        self.ask("initialize", processId=None, rootUri=None, capabilities={})
        self.tell("initialized")
        settings = {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}
        self.tell("workspace/didChangeConfiguration", settings={"yaml": settings})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()

    def problems(self, folder: Path, text: str) -> list[str]:
        """`line: message` of every problem that the server underlines in a text in this folder."""
        uri = self.open(folder, text)
        while uri not in self.said:
            self.hear()
        return [f"{d['range']['start']['line'] + 1}: {d['message']}" for d in self.said[uri]]

    def completions(self, folder: Path, text: str) -> list[str]:
        """What is offered where the text holds a `|`."""
        before, after = text.split("|")
        found = self.ask(
            "textDocument/completion",
            textDocument={"uri": self.open(folder, before + after)},
            position=end_of(before),
        )
        return [item["label"] for item in found["items"]]

    def hover(self, folder: Path, text: str) -> str:
        """What is shown for the place of a `|` in the text."""
        before, after = text.split("|")
        found = self.ask(
            "textDocument/hover",
            textDocument={"uri": self.open(folder, before + after)},
            position=end_of(before),
        )
        return str(found["contents"]["value"]) if found else ""

    def open(self, folder: Path, text: str) -> str:
        """Hand in a text as if an editor had opened a new file in the folder; its URI."""
        self.count += 1
        uri = (folder / f"{self.count}.yaml").as_uri()
        self.tell(
            "textDocument/didOpen",
            textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text},
        )
        return uri

    def ask(self, method: str, **params: Any) -> Any:
        """A request and its answer."""
        self.count += 1
        self.send({"id": self.count, "method": method, "params": params})
        while True:
            message = self.hear()
            if message.get("id") == self.count and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def tell(self, method: str, **params: Any) -> None:
        """A notification."""
        self.send({"method": method, "params": params})

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The next message; requests of the server are answered with nothing."""
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.said[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            items = message["params"].get("items") if isinstance(message.get("params"), dict) else None
            self.send({"id": message["id"], "result": [{} for _ in items] if items else None})
        return message


def end_of(text: str) -> dict[str, int]:
    """The place behind the last character, in the protocol's form."""
    return {"line": text.count("\n"), "character": len(text) - (text.rfind("\n") + 1)}
