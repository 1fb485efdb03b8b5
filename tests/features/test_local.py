"""A store that answers at once: few ids are found in the lane, many in turns, between which others are answered."""

import asyncio

from forest_serving.features.local import MOST_AT_ONCE, TURN_IDS, LocalFeatures


class Store:
    """A store that has each id under itself, and notes how many it is asked for."""

    def __init__(self):
        self.asked = []

    def look_up(self, ids):
        self.asked.append(len(ids))
        return [id.encode() for id in ids]


def test_few_ids_are_found_at_once():
    assert LocalFeatures(Store()).find(["a"] * MOST_AT_ONCE) == [b"a"] * MOST_AT_ONCE


def test_many_ids_are_found_in_turns_between_which_others_have_theirs():
    ids, store = [str(n) for n in range(3 * TURN_IDS)], Store()

    async def found():
        turns = []
        others = asyncio.create_task(beside(turns))
        records = await LocalFeatures(store).find(ids)
        others.cancel()
        return records, len(turns)

    async def beside(turns):
        while True:
            turns.append(None)
            await asyncio.sleep(0)

    records, n_turns = asyncio.run(found())
    assert records == [id.encode() for id in ids]
    assert store.asked == [TURN_IDS] * 3
    assert n_turns >= 3
