import json
import re
from pathlib import Path

from prometheus_client import REGISTRY

from service import metrics
from service.settings import Settings

DEPLOY = Path(__file__).parents[2] / "service" / "deploy"


def test_the_dashboard_asks_for_metrics_that_there_are():
    dashboard = json.loads((DEPLOY / "grafana.json").read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"(?:grpc_server|topicwire)_\w+", target["expr"])
    }
    told = {
        f"{family.name}{ending}"
        for family in REGISTRY.collect()
        for ending in ("", "_total", "_bucket", "_sum", "_count")
    }
    assert metrics.ENCODER
    assert len(asked) >= 10
    assert asked <= told


def test_what_is_deployed_sets_only_settings_that_there_are():
    text = (DEPLOY / "Dockerfile").read_text() + (DEPLOY / "kubernetes.yaml").read_text()
    set_ = {name.lower() for name in re.findall(r"TOPICWIRE_(\w+)", text)}
    assert set_ <= {*Settings.model_fields}
    assert {"tokens", "store", "metrics"} <= set_
