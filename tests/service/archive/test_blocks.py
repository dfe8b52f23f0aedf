from hypothesis import given
from hypothesis import strategies as st

from service.archive import blocks
from service.archive.blocks import cut, make_shards
from service.archive.columns import Columns
from service.archive.rows import Place, Raw, Reject
from service.archive.sources import Source, find_sources

ROWS = st.lists(st.integers(0, 50), max_size=60).map(
    lambda sizes: [
        Raw(Place("f", at), "jsonl", bytes(size)) if size else Reject(Place("f", at), "no")
        for at, size in enumerate(sizes)
    ]
)


@given(ROWS, st.integers(1, 9), st.integers(1, 200))
def test_every_row_is_in_exactly_one_block_and_in_order(rows, most_rows, most_bytes):
    found = list(cut(rows, most_rows, most_bytes))
    assert [row for block in found for row in block] == rows
    assert all(0 < len(block) <= most_rows for block in found)
    assert all(
        sum(len(row.content) for row in block[:-1] if isinstance(row, Raw)) <= most_bytes
        for block in found
    )


def test_shards_hold_all_files_in_order(monkeypatch):
    monkeypatch.setattr(blocks, "SHARD_BYTES", 10)
    sources = [Source(f"{at}", f"{at}", 4) for at in range(9)]
    shards = make_shards(sources)
    assert [source for shard in shards for source in shard.sources] == sources
    assert [len(shard.sources) for shard in shards] == [3, 3, 3]


def test_blocks_say_how_much_of_the_shard_is_read(write_jsonl):
    paths = [write_jsonl({"text": "x"}, {"text": "y"}, name=f"{at}.jsonl") for at in "ab"]
    sources = find_sources(map(str, paths))
    [block] = make_shards(sources)[0].blocks(Columns(), 10)
    assert (block.name, len(block.rows)) == ("part-00000-000000", 4)
    assert block.bytes_read == sum(source.size for source in sources)
