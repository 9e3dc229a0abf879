"""What open data names is looked up for pairs, too, before anything is searched for."""

from tests.integration.migrations.test_seeds import LOOKUP, SEARCH, seed
from tests.integration.sync.pairs import Pairs


def test_what_open_data_names_costs_a_pair_no_search(pairs: Pairs) -> None:
    seed(pairs.scenario, pairs.ids("youtube", "ABC"))
    left, right = pairs.playlist("spotify", "ABC"), pairs.playlist("youtube", "")
    pair_id = pairs.make(("spotify", left), ("youtube", right), mode="mirror")
    pairs.scenario.clear_calls()
    pairs.work()
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert pairs.shows("youtube", right) == "ABC"
    calls = pairs.scenario.calls("youtube")
    assert SEARCH not in calls
    assert calls[LOOKUP] == 1


def test_what_open_data_names_wrongly_is_searched_for(pairs: Pairs) -> None:
    pairs.scenario.control("youtube", "PUT", "/videos/deadVideo01", {"privacy": "deleted"})
    seed(pairs.scenario, ["deadVideo01"])
    left, right = pairs.playlist("spotify", "A"), pairs.playlist("youtube", "")
    pair_id = pairs.make(("spotify", left), ("youtube", right), mode="mirror")
    pairs.work()
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert pairs.shows("youtube", right) == "A"
    assert pairs.scenario.calls("youtube")[SEARCH] == 1
