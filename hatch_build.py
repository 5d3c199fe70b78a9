"""Building the package builds the pages' styles and scripts first; installing from a clone is building too."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface[Any]):
    """Calls `web/client/build.py`."""

    def dependencies(self) -> list[str]:
        """What the build environment must hold besides."""
        needed: list[str] = self._script["needs"]()
        return needed

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before files are chosen."""
        self._script["build"]()

    @property
    def _script(self) -> dict[str, Any]:
        return runpy.run_path(str(Path(self.root) / "web" / "client" / "build.py"))
