"""Groups texts with BERTopic's defaults on given embeddings; run by its own Python.

Reads `{"texts": [...], "embeddings": path}` from standard input and prints
`{"seconds", "groups"}`: the topic of each text, -1 for outliers.
"""

import json
import sys
from contextlib import redirect_stdout
from time import perf_counter

import numpy as np
from bertopic import BERTopic

given = json.load(sys.stdin)
embeddings = np.load(given["embeddings"])
with redirect_stdout(sys.stderr):
    BERTopic().fit_transform(given["texts"][:300], embeddings[:300])  # compiles UMAP
    start = perf_counter()
    groups, _ = BERTopic().fit_transform(given["texts"], embeddings)
    seconds = perf_counter() - start
print(json.dumps({"seconds": seconds, "groups": [int(each) for each in groups]}))
