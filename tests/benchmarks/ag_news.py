"""AG News as a taxonomy of four topics."""

import csv
from pathlib import Path

from training.article import Article
from training.taxonomy import Taxonomy, parse_taxonomy

TAXONOMY = """
[[topics]]
id = "world"
name = "World"
description = "International news: politics, elections, governments, diplomacy, wars, terrorism."
seed_phrases = [
  "a president or prime minister", "militants killed in a bombing", "peace talks",
  "elections and government crisis", "the United Nations", "troops in Iraq",
]

[[topics]]
id = "sports"
name = "Sports"
description = "Sports news: games, matches, players, teams, coaches, tournaments, the Olympics."
seed_phrases = [
  "the result of a football match", "the team won the game", "baseball playoffs",
  "an Olympic gold medal", "the coach said of the player", "a tennis or golf tournament",
]

[[topics]]
id = "business"
name = "Business"
description = "Business news: companies, earnings, stock markets, the economy, oil prices, mergers."
seed_phrases = [
  "quarterly profit rose", "stocks fell on Wall Street", "oil prices hit a record",
  "a takeover bid for the company", "interest rates and inflation", "shares of the company",
]

[[topics]]
id = "sci_tech"
name = "Science and technology"
description = "Science and technology: software, computers, the internet, gadgets, telecoms, space."
seed_phrases = [
  "new software from Microsoft", "a search engine for internet users", "scientists discovered",
  "a NASA spacecraft", "mobile phones and wireless networks", "a video game console",
]
"""


def taxonomy() -> Taxonomy:
    """The four classes, in the order of their numbers."""
    return parse_taxonomy(TAXONOMY, "AG News")


def read_test_set(data: Path) -> list[tuple[Article, int]]:
    """The 7,600 articles of the test set and the position of each one's class."""
    with (data / "ag_news_test.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        return [(Article(title=row[1], body=row[2]), int(row[0]) - 1) for row in rows]
