"""What programs import that call a Topicwire server.

```python
from service.client import Article, connect

with connect("127.0.0.1:50051") as client:
    number, [labelling] = client.classify([Article(title="Shell plant adds a shift")])
```
"""

from service.clustering.clusters import Cluster, Clustering, Theme
from service.errors import CallFailed
from service.rpc.answers import Happened, Placed, Story, StoryArticle
from service.rpc.async_client import AsyncClient, connect_async
from service.rpc.client import Client, connect
from service.storage.stories import StoryFilter
from training.article import Article
from training.labels import Evidence, Label, Labelling

__all__ = [
    "Article",
    "AsyncClient",
    "CallFailed",
    "Client",
    "Cluster",
    "Clustering",
    "Evidence",
    "Happened",
    "Label",
    "Labelling",
    "Placed",
    "Story",
    "StoryArticle",
    "StoryFilter",
    "Theme",
    "connect",
    "connect_async",
]
