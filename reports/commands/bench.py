"""`lab bench`: this machine's throughput."""

from __future__ import annotations

import json as json_module

from reports.commands import terminal
from reports.commands.options import JsonOption, QuietOption, ThreadsOption


def bench(
    threads: ThreadsOption = None, json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Measure this machine: lane-steps a second of a few workloads, in some seconds.

    \b
    --json: {"schema", "version", "instruction_set", "processor", "threads", "lanes", "steps",
      "workloads": [{"workload", "landscape", "noise", "channel", "optimizer", "schedules",
      "one_thread", "all_threads"}]}

    Example: lab bench --json
    """
    from experiments.bench import run_bench
    from reports import bench as pages

    found = run_bench(threads, terminal.log(quiet))
    print(json_module.dumps(pages.document(found)) if json else pages.text(found))
