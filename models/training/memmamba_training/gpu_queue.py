"""Runs shell commands side by side, one a GPU at a time, in their order.

    python3 -m memmamba_training.gpu_queue --gpus 4 < COMMANDS

A line is a command; it sees one GPU. What it prints goes to `--logs`/<number of the line>.log. Ends with 1 if
any failed, after all have run.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue


def run_all(commands, gpus, logs, each=1):
    """Exit status of every command, in their order; `each`: commands that share a GPU at a time."""
    free = SimpleQueue()
    for _ in range(each):
        for gpu in range(gpus):
            free.put(gpu)
    logs = Path(logs)
    logs.mkdir(parents=True, exist_ok=True)

    def run(job):
        number, command = job
        gpu = free.get()
        start = time.time()
        try:
            with open(logs / f"{number}.log", "w") as log:
                environment = os.environ | {"CUDA_VISIBLE_DEVICES": str(gpu)}
                status = subprocess.run(
                    command, shell=True, env=environment, stdout=log, stderr=subprocess.STDOUT
                ).returncode
        finally:
            free.put(gpu)
        print(f"{number} ended with {status} after {time.time() - start:.0f} s: {command}", flush=True)
        return status

    with ThreadPoolExecutor(gpus * each) as pool:
        return list(pool.map(run, enumerate(commands)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gpus", type=int, default=1)
    parser.add_argument("--each", type=int, default=1, help="commands that share a GPU")
    parser.add_argument("--logs", default="logs")
    options = parser.parse_args()
    commands = [line.strip() for line in sys.stdin if line.strip()]
    sys.exit(1 if any(run_all(commands, options.gpus, options.logs, options.each)) else 0)


if __name__ == "__main__":
    main()
