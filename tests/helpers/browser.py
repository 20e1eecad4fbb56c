"""A headless Chromium spoken to over two pipes (the DevTools protocol), without a library: what a page shows,
says and asks for.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome")
COMMAND = os.environ.get("DNNLAB_CHROMIUM") or next(
    (found for name in NAMES if (found := shutil.which(name))), None
)

CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colour, below) => {
    canvas.globalCompositeOperation = 'copy'; canvas.fillStyle = below; canvas.fillRect(0, 0, 1, 1);
    canvas.globalCompositeOperation = 'source-over'; canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const page = getComputedStyle(document.body).backgroundColor;
  const behind = (e) => { const found = []; for (; e; e = e.parentElement) found.unshift(getComputedStyle(e).backgroundColor);
    return found.reduce((below, colour) => `rgb(${rgb(colour, below).join(',')})`, page); };
  const bad = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || ['SCRIPT', 'STYLE'].includes(e.tagName)) continue;
    const style = getComputedStyle(e), ground = behind(e), colour = e.namespaceURI.endsWith('svg') ? style.fill : style.color;
    const found = ratio(rgb(colour, ground), rgb(ground, page));
    if (found < 4.5) bad.push([e.className.baseVal ?? e.className, e.tagName, e.textContent.slice(0, 20), found.toFixed(2)]);
  }
  for (const e of document.querySelectorAll('.curve, .ridge')) {
    const found = ratio(rgb(getComputedStyle(e).stroke, page), rgb(page, page));
    if (found < 3) bad.push(['curve', getComputedStyle(e).stroke, found.toFixed(2)]);
  }
  return bad;
})()
"""
"""Script: texts and curves that can hardly be told from the ground behind them (contrast below 4.5, curves
below 3).
"""


class Browser:
    """`with Browser() as browser:` starts COMMAND. complaints: errors and console messages; requests:
    addresses that pages asked for.
    """

    def __init__(self) -> None:
        assert COMMAND is not None
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.count, self.page = 0, ""
        self.complaints: list[str] = []
        self.requests: list[str] = []
        (heard, self.send), (self.hear, said) = os.pipe(), os.pipe()
        words = [
            COMMAND,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-pipe",
            f"--user-data-dir={self.folder.name}",
        ]
        quiet = os.open(os.devnull, os.O_RDWR)
        # Chromium reads commands from descriptor 3 and writes answers to 4.
        moves = [(os.POSIX_SPAWN_DUP2, heard, 3), (os.POSIX_SPAWN_DUP2, said, 4)] + [
            (os.POSIX_SPAWN_DUP2, quiet, n) for n in (0, 1, 2)
        ]
        if {heard, said} & {3, 4}:  # they must not step on each other
            heard, said = (os.dup(n) if n in (3, 4) else n for n in (heard, said))
            moves[:2] = [(os.POSIX_SPAWN_DUP2, heard, 3), (os.POSIX_SPAWN_DUP2, said, 4)]
        self.process = os.posix_spawn(
            COMMAND, [*words, "about:blank"], os.environ, file_actions=moves, setpgroup=0
        )
        os.close(quiet)
        self.rest = b""

    def __enter__(self) -> Browser:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.page = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        self.folder.cleanup()

    def ask(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and wait for its answer; what happens meanwhile is noted."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters} | (
            {"sessionId": self.page} if self.page else {}
        )
        os.write(self.send, json.dumps(message).encode() + b"\0")
        while (answer := self.next()).get("id") != self.count:
            self.note(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def next(self) -> dict[str, Any]:
        """The next message."""
        while b"\0" not in self.rest:
            read = os.read(self.hear, 1 << 20)
            assert read, "the browser is gone"
            self.rest += read
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)  # type: ignore[no-any-return]

    def note(self, message: dict[str, Any]) -> None:
        """Keep what tells of an error or a request."""
        found = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(found["request"]["url"])
        elif message.get("method") in (
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
        ):
            self.complaints.append(json.dumps(found))

    def open(
        self, file: Path, width: int = 1280, height: int = 900, dark: bool = False, media: str = ""
    ) -> None:
        """Show a file in a window of this size, and wait until it is drawn."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", media=media, features=scheme)
        self.ask("Page.navigate", url=file.absolute().as_uri())
        ready = "document.readyState === 'complete' && location.protocol === 'file:'"
        while not self.run(
            f"{ready} && new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() "
            "=> done(true))))"
        ):
            pass

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def move(self, x: float, y: float) -> None:
        """Move the pointer to a place in the window."""
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, selector: str) -> None:
        """Click the first element that fits, by the pointer."""
        find = (
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); "
            f"e.scrollIntoView({{block: 'center'}}); "
        )
        box = self.run(
            find + "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def picture(self, file: Path) -> None:
        """A screenshot of the whole page as PNG."""
        found = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(found["data"]))
