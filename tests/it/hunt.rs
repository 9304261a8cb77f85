//! The hunt on the embedded server: clean when it is clean, short traces when it is not, the same on every run.

use crate::support::lostmail;

/// The twelve of the first landing: name, shortest trace known, and whether the black box sees it.
const TWELVE: [(&str, usize); 12] = [
    ("retry-answered-from-newer-state", 4),
    ("state-tag-read-after-enumeration", 4),
    ("window-truncation-advances-to-tip", 3),
    ("retry-omits-deletes", 4),
    ("add-not-deduped-on-retry", 4),
    ("unconfirmed-state-serves-empty-sync", 5),
    ("error-advances-key", 4),
    ("echo-suppression-swallows-server-change", 3),
    ("getchanges-zero-advances-past-changes", 4),
    ("moreavailable-missing-at-boundary", 3),
    ("move-mutes-delete-in-source", 3),
    ("client-saves-key-before-items", 4),
];

#[test]
fn a_clean_server_is_found_clean_and_the_run_says_what_it_looked_at() {
    let run = lostmail(&["hunt", "--schedules", "1500"]).code(0);
    assert!(run.text().starts_with("no mail lost in 1,500 schedules"), "{}", run.text());
    assert!(run.text().contains("response lost"), "{}", run.text());
}

#[test]
fn the_twelve_are_found_with_short_traces_that_replay() {
    let folder = std::env::temp_dir().join(format!("lostmail-twelve-{}", std::process::id()));
    let out = folder.display().to_string();
    for (bug, min_depth) in TWELVE {
        for black_box in [false, true] {
            let mut args =
                vec!["hunt", "--json", "--schedules", "30000", "--out", &out, "--bug", bug];
            args.extend(black_box.then_some("--black-box"));
            let run = lostmail(&args).code(1);
            let json: serde_json::Value = serde_json::from_str(run.text()).unwrap();
            let finding = &json["finding"];
            let length = finding["length"].as_u64().unwrap();
            let trace = finding["trace"].as_str().unwrap();
            assert!(length <= min_depth as u64 + 3, "{bug}: length {length}\n{trace}");
            let sentence = finding["sentence"].as_str().unwrap();
            assert!(!sentence.is_empty() && !sentence.contains(bug), "{bug}: {sentence}");
            let mut args = vec!["replay", "--json", finding["trace_file"].as_str().unwrap()];
            args.extend(black_box.then_some("--black-box"));
            let again: serde_json::Value =
                serde_json::from_str(lostmail(&args).code(1).text()).unwrap();
            assert!(trace.contains(again["hash"].as_str().unwrap()), "{bug}: {again}");
            // The same steps on the correct server show nothing: the finding is the defect's.
            args.extend(["--bug", "none"]);
            lostmail(&args).code(0);
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let folder = std::env::temp_dir().join(format!("lostmail-threads-{}", std::process::id()));
    let out = folder.display().to_string();
    let with = |threads: &str| {
        let bug = "retry-answered-from-newer-state";
        let args =
            ["hunt", "--json", "--bug", bug, "--seed", "5", "--threads", threads, "--out", &out];
        let json: serde_json::Value = serde_json::from_str(lostmail(&args).code(1).text()).unwrap();
        (json["schedule"].clone(), json["finding"]["trace"].clone())
    };
    assert_eq!(with("1"), with("4"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn wrong_names_and_wrong_traces_are_told() {
    lostmail(&["hunt", "--bug", "no-such-bug"]).code(2).says("no planted defect is named");
    lostmail(&["replay", "/nonexistent.trace"]).code(2).says("nonexistent");
    let folder = std::env::temp_dir().join(format!("lostmail-bad-trace-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("bad.trace").display().to_string();
    for (text, words) in [
        ("", "a trace begins with"),
        ("# lostmail trace 1\nworld devices=1\nbox dance m1\n", "line 3"),
        ("# lostmail trace 1\nworld bug=nobody\n", "no planted defect"),
    ] {
        std::fs::write(&path, text).unwrap();
        lostmail(&["replay", &path]).code(2).says(words);
    }
    std::fs::write(&path, b"\xff\xfe\x00").unwrap();
    lostmail(&["replay", &path]).code(2);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn bugs_are_listed_with_what_they_model() {
    let run = lostmail(&["bugs", "--json"]).code(0);
    let bugs: Vec<serde_json::Value> = serde_json::from_str(run.text()).unwrap();
    for (name, _) in TWELVE {
        let bug = bugs.iter().find(|bug| bug["name"] == name).expect(name);
        assert!(bug["models"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
}

#[test]
fn traces_of_every_defect_ever_found_still_show_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/traces");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "trace") {
            continue;
        }
        count += 1;
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let expect = text.lines().find_map(|line| line.strip_prefix("expect ")).expect(&name);
        let code = i32::from(expect != "clean");
        let run = lostmail(&["replay", "--json", &name]).code(code);
        let json: serde_json::Value = serde_json::from_str(run.text()).unwrap();
        let classes = json["findings"].as_array().unwrap();
        let shown = classes.iter().any(|finding| finding["class"] == expect);
        assert!(shown || code == 0, "{name}: {json}");
        // A trace of a planted defect is clean on the correct server.
        lostmail(&["replay", "--brief", "--bug", "none", &name]).code(0);
    }
    assert!(count > 0, "no trace in the corpus");
}

#[test]
fn traces_of_real_servers_are_in_order_and_explained() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/live");
    let explained = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut count = 0;
    for server in std::fs::read_dir(folder).unwrap().filter_map(Result::ok) {
        let Ok(traces) = std::fs::read_dir(server.path()) else { continue };
        for path in traces.map(|entry| entry.unwrap().path()) {
            count += 1;
            let name = path.display().to_string();
            let trace: activesync_simulator::Trace =
                std::fs::read_to_string(&path).unwrap().parse().expect(&name);
            assert!(trace.expect.is_some() && !trace.is_inside(), "{name}");
            assert!(trace.comments.iter().any(|line| line.starts_with("seen ")), "{name}: no rate");
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap();
            assert!(explained.contains(&format!("`{stem}`")), "{name} is not explained");
        }
    }
    assert!(count > 0, "no trace of a real server");
}

#[test]
fn a_measure_says_how_soon_a_defect_is_found() {
    let args = ["bugs", "--measure", "--json", "--name", "read-on-delivery", "--seconds", "30"];
    let run = lostmail(&args).code(0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(run.text()).unwrap();
    let [row] = rows.as_slice() else { panic!("{}", run.text()) };
    for judged in ["with_belief", "black_box"] {
        assert_eq!(row[judged]["class"], "stale flag", "{row}");
        let (length, depth) = (row[judged]["length"].as_u64(), row["min_depth"].as_u64());
        assert!(length.is_some_and(|length| length <= depth.unwrap_or(0) + 3), "{row}");
    }
}
