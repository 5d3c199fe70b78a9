"""The benchmark runs to its end and says what it measured. How fast anything is, no test asks."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from bench.__main__ import main


def test_a_part_of_the_benchmark_writes_its_tables_and_targets(tmp_path: Path) -> None:
    report = tmp_path / "results.md"
    done = CliRunner().invoke(main, ["--only", "kernel", "--quick", "--output", str(report)])
    assert done.exit_code == 0, done.output
    written = report.read_text()
    assert "naive SpiffWorkflow's time by the kernel's" in written
    assert "| 100 |" in written
    assert str(tmp_path) not in written
