"""Labels texts with SetFit, one line of seconds for each line of input; run by its own Python.

Reads `{"encoder", "texts", "targets", "asked"}` as the first line of standard input: fits a head on
the texts with the encoder as it is, then labels what is asked once for each further line.
"""

import json
import sys
from contextlib import redirect_stdout
from time import perf_counter

import numpy as np
from setfit import SetFitModel

given = json.loads(sys.stdin.readline())
with redirect_stdout(sys.stderr):
    model = SetFitModel.from_pretrained(given["encoder"], multi_target_strategy="one-vs-rest")
    targets = np.array(given["targets"]).astype(int)
    model.model_head.fit(model.model_body.encode(given["texts"]), targets)
    model.predict(given["asked"][:64])
for _ in sys.stdin:
    with redirect_stdout(sys.stderr):
        start = perf_counter()
        model.predict(given["asked"])
        seconds = perf_counter() - start
    print(seconds, flush=True)
