"""Many callers of infinity-emb's engine, with no server around it; run by its own Python.

Reads `{"encoder": folder, "texts": [...], "callers": number, "seconds": number}` from standard
input and prints `[calls a second, 99th percentile of their seconds]`.
"""

import asyncio
import json
import sys
from contextlib import redirect_stdout
from itertools import cycle
from time import perf_counter

import numpy as np
from infinity_emb import AsyncEmbeddingEngine, EngineArgs

given = json.load(sys.stdin)


async def main() -> list[float]:
    """Each caller waits for its embedding before it asks for the next."""
    arguments = EngineArgs(
        model_name_or_path=given["encoder"],
        engine="torch",
        device="cpu",
        bettertransformer=False,  # it needs a version of optimum that is long gone
    )
    engine = AsyncEmbeddingEngine.from_args(arguments)
    await engine.astart()
    texts, took = cycle(given["texts"]), []
    end = perf_counter() + given["seconds"]

    async def call() -> None:
        while (start := perf_counter()) < end:
            await engine.embed(sentences=[next(texts)])
            took.append(perf_counter() - start)

    start = perf_counter()
    await asyncio.gather(*(call() for _ in range(given["callers"])))
    seconds = perf_counter() - start
    await engine.astop()
    return [len(took) / seconds, float(np.percentile(took, 99))]


with redirect_stdout(sys.stderr):
    found = asyncio.run(main())
print(json.dumps(found))
