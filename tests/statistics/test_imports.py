import subprocess
import sys

FAST = ("quantiles", "bootstrap", "paired", "median", "bca", "iqm", "holm", "tost", "verdict",
        "survival", "targets", "performance_profile", "wilcoxon")  # fmt: skip


def test_no_module_imports_scipy_or_a_compiler_by_itself():
    """`scipy.stats` takes longer to import than the main job to run."""
    modules = ", ".join(f"lab.statistics.{name}" for name in FAST)
    heavy = "{'scipy', 'numba', 'pandas', 'matplotlib'}"
    code = f"import {modules}, sys; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
