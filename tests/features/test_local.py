"""A store that answers at once: few ids are found in the lane, many in turns, between which others are answered."""

import asyncio

import pytest

from forest_serving.errors import TooManyRows
from forest_serving.features.local import MOST_AT_ONCE, TURN_IDS, LocalFeatures

MOST_BYTES = 1_000_000


class Store:
    """A store that has each id under itself, and notes how many it is asked for."""

    def __init__(self):
        self.asked = []

    def look_up(self, ids):
        self.asked.append(len(ids))
        return [id.encode() for id in ids]


class Changing:
    """A store of one value for all ids, which changes while it is looked at for the first so many times."""

    def __init__(self, n_changes):
        self.n_changes, self.value = n_changes, 0

    def stamp(self):
        return self.value

    def look_up(self, ids):
        found = [b"%d" % self.value] * len(ids)
        self.value += self.n_changes > self.value
        return found


@pytest.mark.parametrize("n_changes", [1, 3, 4, 1000])
def test_many_ids_are_found_as_they_were_at_one_time_however_often_they_change(n_changes):
    """Whoever loads a file in one step must not be read by halves."""
    found = asyncio.run(LocalFeatures(Changing(n_changes), MOST_BYTES).find(["a"] * 3 * TURN_IDS))
    assert len(found) == 3 * TURN_IDS
    assert len(set(found)) == 1


def test_few_ids_are_found_at_once():
    assert LocalFeatures(Store(), MOST_BYTES).find(["a"] * MOST_AT_ONCE) == [b"a"] * MOST_AT_ONCE


def test_many_ids_are_found_in_turns_between_which_others_have_theirs():
    ids, store = [str(n) for n in range(3 * TURN_IDS)], Store()

    async def found():
        turns = []
        others = asyncio.create_task(beside(turns))
        records = await LocalFeatures(store, MOST_BYTES).find(ids)
        others.cancel()
        return records, len(turns)

    async def beside(turns):
        while True:
            turns.append(None)
            await asyncio.sleep(0)

    records, n_turns = asyncio.run(found())
    assert records == [id.encode() for id in ids]
    assert store.asked == [TURN_IDS] * 3
    assert n_turns >= 2


def test_records_that_are_too_long_together_are_refused_before_all_are_in_memory():
    """A short body can name the longest record ten thousand times."""
    record = b"x" * 65_536
    store = Store()
    store.look_up = lambda ids: store.asked.append(len(ids)) or [record] * len(ids)
    with pytest.raises(TooManyRows, match="33,554,432 bytes"):
        asyncio.run(LocalFeatures(store, 33_554_432).find(["a"] * 10_000))
    assert sum(store.asked) <= 1_000


def test_ids_that_nothing_is_stored_under_take_no_bytes():
    store = Store()
    store.look_up = lambda ids: [None] * len(ids)
    assert asyncio.run(LocalFeatures(store, 1).find(["a"] * 3 * TURN_IDS)) == [None] * 3 * TURN_IDS
