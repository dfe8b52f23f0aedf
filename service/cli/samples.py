"""Articles written for the demo, and what a reader would say they are about."""

from training.article import Article

SAMPLES = (
    Article(
        id="grid",
        title="Third night of drone strikes leaves a quarter of the region dark",
        body=(
            "Attack drones hit two substations and a gas compressor station overnight, the grid "
            "operator said, and hourly outages were announced for four districts. Repair crews "
            "reached the larger of the two sites at dawn.\n"
            "In the afternoon the foreign ministers of six neighbouring states met by video link "
            "and agreed to send transformers."
        ),
    ),
    Article(
        id="grid-repair",
        title="Crews race to repair substations hit by drones",
        body=(
            "Engineers worked through the night on two substations hit by attack drones. The grid "
            "operator expects the hourly outages to go on for at least a week."
        ),
    ),
    Article(
        id="summit",
        title="Leaders meet in Vienna for a second day of ceasefire talks",
        body=(
            "Both presidents sat at one table for the first time since the spring. "
            "Mediators spoke of progress on an exchange of prisoners, and the joint statement is "
            "expected on Friday."
        ),
    ),
    Article(
        id="summit-end",
        title="Vienna ceasefire talks end with a joint statement",
        body=(
            "After two days of talks in Vienna the presidents signed a joint statement on a "
            "ceasefire and an exchange of prisoners, the mediators said."
        ),
    ),
    Article(
        id="shells",
        title="Ammunition plant adds a third shift",
        body=(
            "The works will turn out 20,000 artillery shells a month by summer, twice as many as "
            "now, after the ministry signed a four-year contract. A second press arrives in May."
        ),
    ),
    Article(
        id="football",
        title="Late strike sends the home side into the final",
        body="A header in the ninetieth minute settled a match that was bound for penalties.",
    ),
)
"""Two stories told twice, one told once, and one that is about none of the built-in topics."""
