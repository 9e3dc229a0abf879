import csv
import gzip
import json

import pytest

from benchmarks.matching import main

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
    return data


def run(capsys, *arguments):
    main([*map(str, arguments), "--json"])
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_it_measures_every_set_and_writes_the_wrong_decisions(folder, tmp_path, capsys):
    errors = tmp_path / "errors.jsonl"
    document = run(capsys, "--data", folder, "--errors", errors)
    assert document["benchmark"] == "matching"
    values = {name: figure["value"] for name, figure in document["figures"].items()}
    assert values.pop("speed.pairs_per_second") > 0
    assert values.pop("speed.ratio") > 0
    assert values == {
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
    assert "match_rank.token_set_ratio.top1" in document["context"]["baselines"]
    assert "match_rank.difflib_ratio.top1" in document["context"]["baselines"]
    assert document["context"]["calibration"]
    written = [json.loads(line) for line in errors.read_text(encoding="utf-8").splitlines()]
    assert {(error["set"], error["error"]) for error in written} == {
        ("match_pairs", "missed"),
        ("title_cases", "read otherwise"),
    }
    assert written[0]["parts"]


def test_absent_files_are_left_out(folder, capsys):
    for path in folder.iterdir():
        if path.name != "match_pairs.csv":
            path.unlink()
    document = run(capsys, "--data", folder)
    assert {name.partition(".")[0] for name in document["figures"]} == {"match_pairs", "speed"}


def test_an_empty_folder_has_no_figures(tmp_path, capsys):
    assert run(capsys, "--data", tmp_path)["figures"] == {}
