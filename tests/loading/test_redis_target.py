"""Features loaded into Redis: all of the file is checked first, and what is there already stays as it is."""

import pytest

from forest_serving.errors import BadFeaturesFile, BadSetting, StoreNotWritten
from forest_serving.loading.command import main
from tests.support.redis_servers import running_redis

ROWS = "".join(f"id{number},{number}\n" for number in range(12_000))


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def load(redis, tmp_path):
    """Return a function that loads rows into an empty Redis."""
    with redis.client() as client:
        client.flushall()
        client.set("other:id1", "not ours")
    file = tmp_path / "rows.csv"

    def load_rows(rows, *options, url=redis.url):
        file.write_text(f"id,x\n{rows}")
        main(["load", str(file), "--id-column", "id", "--unchecked", "--to", url, *options])

    return load_rows


def test_rows_are_stored_and_the_same_file_again_changes_nothing(redis, load, capsys):
    load(ROWS)
    load(ROWS)
    assert capsys.readouterr().out.splitlines()[-1] == "0 new, 0 changed, 12,000 as before, 0 removed."
    with redis.client() as client:
        assert client.get("features:id7").startswith(b'{"x":7,"_updated_at":')


def test_a_fault_in_the_last_row_changes_nothing(redis, load):
    for row in ("id5,1\n", "id,1,2\n"):
        with pytest.raises(BadFeaturesFile):
            load(ROWS + row)
    with redis.client() as client:
        assert client.keys() == [b"other:id1"]


def test_what_the_file_does_not_have_is_removed_if_that_is_asked_for(redis, load, capsys):
    load(ROWS)
    load("id1,5\nnew,1\n", "--replace")
    assert capsys.readouterr().out.splitlines()[-1] == "1 new, 1 changed, 0 as before, 11,999 removed."
    with redis.client() as client:
        assert sorted(client.keys()) == [b"features:id1", b"features:new", b"other:id1"]


@pytest.mark.parametrize("prefix", ["", "p[*]?:", "\\"])
def test_any_prefix_will_do(redis, load, prefix, capsys):
    with redis.client() as client:
        client.delete("other:id1")
    url = f"{redis.url}?prefix={prefix.replace('?', '%3F')}"
    load("id1,5\n", url=url)
    load("id2,5\n", "--replace", url=url)
    main(["count", "--from", url])
    main(["get", "id2", "--from", url])
    assert capsys.readouterr().out.splitlines()[2] == "1"


def test_hashes_are_refused(redis, load):
    with pytest.raises(BadSetting, match="only read"):
        load("id1,5\n", url=f"{redis.url}?layout=hash")


def test_a_server_that_is_down_is_told_in_a_sentence(load, tmp_path):
    with running_redis(tmp_path) as server:
        pass
    with pytest.raises(StoreNotWritten, match=r"^Redis cannot be asked: .*[^.]\.$"):
        load("id1,5\n", url=server.url)


def test_a_server_that_is_full_may_have_a_part(redis, load):
    with redis.client() as client:
        client.config_set("maxmemory", "1mb")
        try:
            with pytest.raises(StoreNotWritten, match=r"may have a part of the rows: .*[^.]\. Load again"):
                load(ROWS)
        finally:
            client.config_set("maxmemory", "0")


@pytest.mark.parametrize("url", ["postgresql://localhost/features", "python:flowers:open_flowers"])
def test_other_stores_are_refused(load, url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadSetting, match="Name a folder, or a URL of Redis"):
        load("id1,5\n", url=url)
    assert [file.name for file in tmp_path.iterdir()] == ["rows.csv"]


def test_what_is_no_url_is_told_in_a_sentence(load):
    with pytest.raises(BadSetting, match="Where features are stored must be a URL with"):
        load("id1,5\n", url="redis://[::1")
