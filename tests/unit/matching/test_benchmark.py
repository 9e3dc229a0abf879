import csv
import gzip
import json

import pytest

from benchmarks.baselines.matchers import RuleMatcher
from benchmarks.datasets.entity_resolution import joined
from benchmarks.datasets.version_trap import read_traps, split_version
from benchmarks.matching import calibration, measures
from benchmarks.matching.command import main
from benchmarks.matching.observations import Accepted, NoObservations

SOURCE = {"title": "Slow River", "artist": "Ola Fen", "album": None, "duration_ms": 200_000}
RIGHT = {"id": "a", "title": "Ola Fen - Slow River", "channel": None, "views": None, "duration_s": 200}
LIVE = {"id": "b", "title": "Ola Fen - Slow River (Live)", "channel": None, "views": None, "duration_s": 260}
OTHER = {"id": "c", "title": "Mira Tolk - Fast Road", "channel": None, "views": None, "duration_s": 180}


def write_lines(path, rows):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def write_table(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    pair = {
        "source_title": "Slow River", "source_artist": "Ola Fen; Mira Tolk", "source_duration_ms": "200000",
        "candidate_channel": "Ola Fen", "candidate_duration_s": "200", "origin": "", "label": "",
    }  # fmt: skip
    write_table(
        data / "match_pairs.csv",
        [
            {**pair, "candidate_title": "Slow River", "expected": "match"},
            {**pair, "candidate_title": "Slow River (Live)", "expected": "no"},
            {**pair, "candidate_title": "Fast Road", "expected": "match"},
        ],
    )
    ranking = {"id": "1", "set": "x", "source": SOURCE, "candidates": [LIVE, RIGHT, OTHER], "truth": "a"}
    write_lines(data / "match_rank.jsonl.gz", [{**ranking, "strong_negs": 3}, {**ranking, "strong_negs": 0}])
    write_lines(data / "search_results_rank.jsonl.gz", [ranking])
    write_lines(
        data / "search_results_nomatch.jsonl.gz", [{**ranking, "candidates": [LIVE, OTHER], "truth": None}]
    )
    write_lines(data / "version_negatives.jsonl.gz", [{"source": SOURCE, **LIVE}])
    write_lines(
        data / "title_parse.jsonl.gz",
        [
            {
                "yt_title": "Ola Fen - Slow River [HD]",
                "channel": None,
                "artist": "Ola Fen",
                "title": "Slow River",
            }
        ],
    )
    case = {"expected_artist": "", "expected_title": "Slow River", "expected_album": "", "origin": ""}
    write_table(
        data / "title_cases.csv",
        [
            {**case, "kind": "clean:youtube", "raw": "Slow River (Official Video)"},
            {**case, "kind": "clean:remove-feature", "raw": "Slow River [feat. Mira]"},
            {
                **case, "kind": "description", "raw": "Slow River · Ola Fen\\n\\nYears\\n\\n℗ L",
                "expected_artist": "Ola Fen", "expected_album": "Years",
            },
            {**case, "kind": "split", "raw": "Ola Fen - Slow River", "expected_artist": "Somebody"},
        ],
    )  # fmt: skip
    write_sets_of_others(data)
    return data


def columns(fields):
    return " ".join(f"COL {name} VAL {value}" for name, value in fields.items())


def write_sets_of_others(data):
    case = {"ref": "r", "note": "", "basis": "invented"}
    track = {"id": "s", "title": "Slow River", "artists": ["Ola Fen"], "duration_ms": 200_000}
    upload = {"id": "a", "title": "Slow River", "channel": "Ola Fen", "duration_ms": 200_000}
    stated = {"description": "Provided to YouTube by L\n\nSlow River · Ola Fen\n\nYears\n\n℗ L"}
    cases = [
        {**case, "kind": "plain", "source": track, "candidates": [{**upload, **stated}], "right": "a"},
        # Several are right; an upload as the source; and a case that says the opposite of what is right.
        {**case, "kind": "plain", "source": track, "candidates": [upload], "right": ["a", "b"]},
        {**case, "kind": "upload", "source": {**upload, "title": "Ola Fen - Slow River"},
         "candidates": [{**track, "id": "sp"}], "right": "sp"},
        {**case, "kind": "refuted", "source": track, "candidates": [upload], "right": None},
    ]  # fmt: skip
    lines = "".join(json.dumps(row) + "\n" for row in cases)
    (data / "matching_cases.jsonl").write_text(lines, encoding="utf-8")
    live = {
        "uri": "spotify:track:1", "title": "Slow River - Live", "artists": ["Ola Fen"], "album": "Years",
        "duration_ms": 200_000,
    }  # fmt: skip
    tracks = [live, live, {**live, "uri": "spotify:track:2", "title": "Fast Road"}]
    write_lines(data / "playlists.jsonl.gz", [{"name": "p", "tracks": tracks}])

    def shop(title, time):
        fields = {"Song_Name": title, "Artist_Name": "Ola Fen", "Album_Name": "Years", "Time": time}
        return columns(fields)

    pairs = [
        (shop("Slow River", "3:20"), shop("Slow River [ Explicit ]", "3:20"), "1"),
        (shop("Do n't Go ( feat . Mira Tolk )", "3:20"), shop("Don't Go [ feat . Mira Tolk ]", "--"), "1"),
        (shop("Slow River", "3:20"), shop("Fast Road", "2:00"), "0"),
    ]
    text = "".join("\t".join(pair) + "\n" for pair in pairs)
    (data / "public" / "itunes_amazon").mkdir(parents=True)
    (data / "public" / "itunes_amazon" / "train.txt").write_text(text, encoding="utf-8")
    (data / "itunes_amazon_test.txt").write_text(text, encoding="utf-8")

    def song(title, performer, video, channel):
        fields = {"title": title, "performer": performer, "video title": video, "channel name": channel}
        return columns(fields)

    own = song("Slow River\\, Again", "Ola Fen", "Slow River\\, Again", "Ola Fen")
    works = [
        (own, song("[MASK]", "[MASK]", "Mira Tolk - Slow River\\, Again (Cover)", "Mira Tolk"), "1"),
        (own, song("[MASK]", "[MASK]", "Jon Brask - Fast Road", "Jon Brask"), "0"),
    ]
    with gzip.open(data / "er_csi_valid.txt.gz", "wt", encoding="utf-8") as file:
        file.writelines("\t".join(row) + "\n" for row in works)


def run(capsys, *arguments):
    main([*map(str, arguments), "--json"])
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_it_measures_every_set_and_writes_the_wrong_decisions(folder, tmp_path, capsys):
    errors = tmp_path / "errors.jsonl"
    tables = tmp_path / "tables.md"
    document = run(capsys, "--data", folder, "--errors", errors, "--markdown", tables)
    assert document["benchmark"] == "matching"
    values = {name: figure["value"] for name, figure in document["figures"].items()}
    assert values.pop("speed.pairs_per_second") > 0
    assert values.pop("speed.ratio") > 0
    assert values.pop("version_trap.right_first") in {0.0, 1.0}  # see the next test
    calibrated = {name: values.pop(name) for name in list(values) if name.startswith("calibration.")}
    assert {"calibration.all", "calibration.with_lengths", "calibration.without_lengths"} <= calibrated.keys()
    assert values == {
        "version_trap.accepted": 0.0,
        "version_trap.plain_accepted": 1.0,
        "cases.wrong_accepted": 0.25,
        "cases.right_accepted": 1.0,
        "cases.right_accepted_or_review": 1.0,
        "itunes_amazon.precision": 1.0,
        "itunes_amazon.recall": 1.0,
        "er_csi.own_accepted": 1.0,
        "er_csi.own_accepted_or_review": 1.0,
        "er_csi.covers_accepted": 0.0,
        "er_csi.others_accepted": 0.0,
        "match_pairs.precision": 1.0,
        "match_pairs.recall": 0.5,
        "match_rank.top1": 1.0,
        "match_rank.top1_hard": 1.0,
        "match_rank.accepted_without_truth": 0.0,
        "search_results_rank.top1": 1.0,
        "search_results_rank.precision": 1.0,
        "search_results_rank.accepted": 1.0,
        "search_results_nomatch.accepted": 0.0,
        "version_negatives.accepted": 0.0,
        "title_parse.exact": 1.0,
        "title_cases.exact": 0.75,
    }
    assert {figure["better"] for figure in document["figures"].values()} == {"higher", "lower"}
    written = [json.loads(line) for line in errors.read_text(encoding="utf-8").splitlines()]
    assert {(error["set"], error["error"]) for error in written if error["set"] != "version_trap"} == {
        ("cases", "accepted wrongly"),
        ("match_pairs", "missed"),
        ("title_cases", "read otherwise"),
    }
    assert all(error["parts"] for error in written if error["set"] != "title_cases")
    context = document["context"]
    # A row that two files hold counts once, and a song's own video once however many covers it has.
    assert context["rows"]["itunes_amazon"] == 3
    assert context["rows"]["er_csi"] == 3
    assert context["rows"]["version_trap"] == 3
    assert context["calibration"]["all"]
    assert "`version_trap.accepted` | <= .005 | .000" in tables.read_text(encoding="utf-8")


def test_a_trap_is_lost_by_whoever_prefers_one_plain_upload_to_the_right_one(folder):
    traps = read_traps([folder / "playlists.jsonl.gz"])
    assert {trap.form for trap in traps} == {"same length", "5 s longer", "official video 30 s longer"}
    by_version = RuleMatcher("words", lambda source, other: 100.0 * ("Live" in other.title), 80.0)
    by_length = RuleMatcher(
        "length", lambda source, other: 100.0 * (source.duration_ms == other.duration_ms), 80.0
    )
    assert measures.traps(by_version, "version_trap", traps, NoObservations()) == {
        "accepted": 0.0,
        "right_first": 1.0,
        "plain_accepted": 0.0,
    }
    lost = measures.traps(by_length, "version_trap", traps, NoObservations())
    assert lost == {"accepted": 1 / 3, "right_first": 0.0, "plain_accepted": 1 / 3}


def test_others_are_measured_in_the_same_run_where_they_can_decide(folder, capsys):
    context = run(capsys, "--data", folder)["context"]
    baselines = context["baselines"]
    assert baselines["version_trap.token_set_ratio.accepted"] == 1.0
    assert baselines["version_trap.spotify_to_tidal.accepted"] == 0.3333
    assert baselines["match_pairs.spotDL.recall"] == 0.5
    assert baselines["itunes_amazon.spotify_to_tidal.recall"] == 0.5
    assert baselines["match_rank.difflib_ratio.top1"] == 1.0
    # Without lengths a rule that needs them would only look bad.
    assert not [name for name in baselines if name.startswith(("er_csi.spotify_to_tidal", "title_"))]
    kinds = context["kinds"]["cases"]
    assert kinds["refuted"]["rows"] == 1
    assert kinds["refuted"]["matcher"] == {
        "wrong_accepted": 1.0,
        "right_accepted": None,
        "right_accepted_or_review": None,
    }
    assert kinds["plain"]["spotDL"]["wrong_accepted"] == 0.0


def test_only_the_sets_asked_for_are_measured(folder, capsys):
    document = run(capsys, "--data", folder, "--sets", "er_csi", "--no-baselines", "--no-speed")
    assert {name.partition(".")[0] for name in document["figures"]} == {"er_csi", "calibration"}
    assert document["context"]["baselines"] == {}


@pytest.mark.parametrize(
    ("title", "split"),
    [
        ("Slow River - Live at the Arena, 1999", ("Slow River", "live")),
        ("Slow River (Mira Tolk Remix) [feat. Jon]", ("Slow River", "remix")),
        ("Slow River (feat. Jon) - Acoustic", ("Slow River (feat. Jon)", "acoustic")),
        ("Slow River (Mira Tolk Remix) - Radio Edit", ("Slow River", "remix")),
        ("Slow River - Spanish Version", ("Slow River", "language")),
        ("Long Live the River", None),
        ("Live and Learn", None),
        ("Slow River (feat. The Acoustic Band)", None),
        ("Slow River - Remastered 2011", None),
        ("Slow River - Radio Edit", None),
    ],
)
def test_a_version_is_told_by_the_words_at_the_end_of_a_title(title, split):
    assert split_version(title) == split


def test_tokenised_text_is_joined_again():
    tokenised = "I Do n't Know What It 's Livin ' For ( feat . Jon ) [ Remix ] ! , Part 2"
    assert joined(tokenised) == "I Don't Know What It's Livin' For (feat. Jon) [Remix]!, Part 2"


def accepted(score, is_right, count, *, lengths=True):
    return [Accepted(score, is_right, lengths=lengths, channel=False, description=False)] * count


def test_calibration_is_the_mean_distance_between_score_and_share_that_is_right():
    # 90 % of 100 pairs at 92 are right, and all of 100 pairs at 99.2.
    pairs = [*accepted(92.0, True, 90), *accepted(92.0, False, 10), *accepted(99.2, True, 100)]
    assert calibration.distance(pairs) == pytest.approx((0.02 + 0.008) / 2)


def test_calibration_is_told_by_kind_of_evidence_with_an_aim_where_there_is_enough():
    pairs = [*accepted(92.0, True, 100), *accepted(92.0, False, 10, lengths=False)]
    figures = calibration.figures(pairs)
    assert figures["calibration.with_lengths"].value == pytest.approx(0.08)
    assert figures["calibration.with_lengths"].met is False
    assert figures["calibration.without_lengths"].value == pytest.approx(0.92)
    assert figures["calibration.without_lengths"].aim is None
    assert "calibration.with_channel" not in figures


def test_absent_files_are_left_out(folder, capsys):
    for path in folder.iterdir():
        if path.is_file() and path.name != "match_pairs.csv":
            path.unlink()
    (folder / "public" / "itunes_amazon" / "train.txt").unlink()
    document = run(capsys, "--data", folder)
    assert {name.partition(".")[0] for name in document["figures"]} == {"match_pairs", "calibration", "speed"}


def test_an_empty_folder_has_no_figures(tmp_path, capsys):
    assert run(capsys, "--data", tmp_path)["figures"] == {}
