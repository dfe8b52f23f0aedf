import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from service.errors import DatabaseUnusable
from service.storage.corrections import Correction, Corrections
from service.storage.database import Database, in_turn, open_database
from service.storage.tables import Base

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=2)))


def test_the_migrations_make_the_tables_that_the_code_means(database_url):
    with open_database(database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_database_from_before_there_were_migrations_keeps_its_corrections(tmp_path):
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE corrections (text_sha256 VARCHAR(64) PRIMARY KEY, text TEXT NOT NULL,"
            " labels JSON NOT NULL, article_id VARCHAR(256) NOT NULL, source VARCHAR(256) NOT NULL,"
            " update_time DATETIME NOT NULL)"
        )
        row = ("0" * 64, "Talks.", '["talks"]', "", "", "2026-01-01 00:00:00.000000")
        old.execute("INSERT INTO corrections VALUES (?, ?, ?, ?, ?, ?)", row)
    old.close()
    [kept] = Corrections(open_database(f"sqlite:///{path}")).all()
    assert kept == Correction(text="Talks.", labels=("talks",))


def test_a_database_of_a_newer_topicwire_is_left_alone(database_url):
    with open_database(database_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'tomorrow'"))
    with pytest.raises(DatabaseUnusable, match="newer Topicwire"):
        open_database(database_url)


def test_many_may_open_a_new_database_at_once(database_url):
    with ThreadPoolExecutor(8) as pool:
        engines = [*pool.map(open_database, [database_url] * 8)]
    for engine in engines:
        assert Corrections(engine).all() == []
        engine.dispose()


def test_a_database_that_was_away_is_found_when_it_is_back(tmp_path):
    blocked = tmp_path / "folder"
    blocked.write_text("a file where the folder should be")
    database = Database(f"sqlite:///{blocked}/topicwire.db")
    with pytest.raises(DatabaseUnusable):
        _ = database.engine
    blocked.unlink()
    assert database.engine is database.engine


@pytest.mark.parametrize("harm", ["moved", "replaced"])
@pytest.mark.usefixtures("closing_databases")
def test_a_database_whose_file_is_another_takes_nothing_until_it_is_back(tmp_path, harm):
    path, away = tmp_path / "topicwire.db", tmp_path / "away.db"
    corrections = Corrections(open_database(f"sqlite:///{path}"))
    path.rename(away)
    if harm == "replaced":
        path.touch()
    for _ in range(2):
        with pytest.raises(DatabaseUnusable, match="is gone, or not the file"):
            corrections.add([Correction(text="a", labels=())], NOW)
    away.replace(path)
    corrections.add([Correction(text="b", labels=())], NOW)
    assert [each.text for each in corrections.all()] == ["b"]


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x", "postgresql://x@/y?host=/nowhere"])
def test_what_is_no_database_is_refused_in_one_line(url):
    with pytest.raises(DatabaseUnusable) as caught:
        open_database(url)
    assert "\n" not in str(caught.value)


def test_text_with_nul_is_kept_in_every_database(database_url):
    corrections = Corrections(open_database(database_url))
    corrections.add([Correction(text="a\0b", labels=(), article_id="\0")], NOW)
    [kept] = corrections.all()
    assert (kept.text, kept.article_id) == ("a\ufffdb", "\ufffd")


def test_every_value_is_in_one_turn():
    assert [value for turn in in_turn(range(1201)) for value in turn] == [*range(1201)]
