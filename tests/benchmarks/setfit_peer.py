"""Trains SetFit on one fold and tells the other; run by a Python that has `setfit` installed.

Reads `{"encoder", "texts", "targets", "tested"}` on standard input and writes, on standard output,
the probabilities of the tested texts, those of the training texts by heads that had not seen
them, and the seconds of training.
"""

import json
import sys
import tempfile
from contextlib import redirect_stdout
from time import perf_counter

import numpy as np
from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict

ITERATIONS = 5
"""Pairs made of each text. SetFit's default of 20 takes four times as long."""

fold = json.load(sys.stdin)
rows = {"text": fold["texts"], "label": np.array(fold["targets"]).astype(int).tolist()}
with redirect_stdout(sys.stderr), tempfile.TemporaryDirectory() as folder:
    model = SetFitModel.from_pretrained(fold["encoder"], multi_target_strategy="one-vs-rest")
    arguments = TrainingArguments(
        num_iterations=ITERATIONS,
        num_epochs=1,
        batch_size=16,
        report_to="none",
        save_strategy="no",
        output_dir=folder,
    )
    start = perf_counter()
    Trainer(model=model, args=arguments, train_dataset=Dataset.from_dict(rows)).train()
    seconds = perf_counter() - start
    told = model.predict_proba(fold["tested"], as_numpy=True)
    embeddings = model.model_body.encode(fold["texts"])
    unseen = cross_val_predict(
        clone(model.model_head), embeddings, np.array(rows["label"]), cv=3, method="predict_proba"
    )
json.dump({"told": told.tolist(), "unseen": unseen.tolist(), "seconds": seconds}, sys.stdout)
