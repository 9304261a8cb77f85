//! Every contender in turn, round after round, in one run; prints Markdown.
//!
//! Ratios within one run hold on a machine with other work; times do not. Each cell is the 20th
//! percentile of the rounds.
//!
//! ```text
//! cargo bench -p benches --bench table [-- [--short] [--rounds N] [DOCUMENT…]]
//! ```
//!
//! `--short` prints what README shows: ratios only.

use benches::clock;
use benches::documents::{self, Prepared};
use benches::operations::{CONTENDERS, Contender, GROUPS, Scratch};
use benches::targets::{self, Than};
use std::env;
use std::fmt::Write;
use std::io::{self, Write as _};

/// CPU time of a sample.
const SAMPLE_NS: u64 = 1_200_000;

fn main() -> io::Result<()> {
    let (mut rounds, mut keys, mut arguments) = (21, Vec::new(), env::args().skip(1));
    let mut short = false;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--short" => short = true,
            // `cargo test --benches`: see that it runs.
            "--test" => rounds = 1,
            "--rounds" => {
                let number = arguments.next().and_then(|number| number.parse().ok());
                rounds = number.unwrap_or(rounds);
            }
            key => keys.push(key.to_owned()),
        }
    }
    let mut documents = documents::all();
    documents.retain(|document| keys.is_empty() || keys.iter().any(|key| key == document.key));
    let columns: Vec<Column<'_>> = documents
        .iter()
        .map(|document| Column { document, cells: measure(document, rounds) })
        .collect();
    let report = if short { short_report(&columns, rounds) } else { report(&columns, rounds) };
    io::stdout().write_all(report.as_bytes())
}

/// A document and the nanoseconds of each contender, in the order of [`CONTENDERS`].
struct Column<'d> {
    document: &'d Prepared,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy)]
struct Cell {
    ns: f64,
    right: bool,
}

impl Column<'_> {
    fn cell(&self, group: &str, name: &str) -> Option<Cell> {
        let same = |contender: &Contender| contender.group == group && contender.name == name;
        CONTENDERS.iter().position(same).map(|index| self.cells[index])
    }
}

fn measure(document: &Prepared, rounds: usize) -> Vec<Cell> {
    let events = document.events();
    let mut scratch = Scratch::default();
    let mut samples = vec![Vec::with_capacity(rounds); CONTENDERS.len()];
    // How many runs make a sample.
    let runs: Vec<u64> = CONTENDERS
        .iter()
        .map(|contender| {
            let mut runs = 1;
            loop {
                let start = clock::now();
                for _ in 0..runs {
                    (contender.run)(document, &events, &mut scratch);
                }
                let time = clock::now() - start;
                if time * 4 >= SAMPLE_NS {
                    break (runs * SAMPLE_NS / time.max(1)).max(1);
                }
                runs *= 4;
            }
        })
        .collect();
    for _ in 0..rounds {
        for (index, contender) in CONTENDERS.iter().enumerate() {
            let start = clock::now();
            for _ in 0..runs[index] {
                (contender.run)(document, &events, &mut scratch);
            }
            samples[index].push((clock::now() - start) as f64 / runs[index] as f64);
        }
    }
    let cell = |(contender, mut samples): (&Contender, Vec<f64>)| {
        samples.sort_by(f64::total_cmp);
        Cell { ns: samples[samples.len() / 5], right: (contender.is_right)(document) }
    };
    CONTENDERS.iter().zip(samples).map(cell).collect()
}

/// How all of it was measured.
fn conditions(rounds: usize, out: &mut String) {
    #[cfg(libwbxml)]
    let peer = format!("libwbxml {}", benches::libwbxml::VERSION);
    #[cfg(not(libwbxml))]
    let peer = "libwbxml: not found when this was built, left out";
    let _ = writeln!(
        out,
        "CPU time of one thread, all contenders in turn in one run, {rounds} rounds, 20th percentile; {peer}.\n"
    );
}

fn report(columns: &[Column<'_>], rounds: usize) -> String {
    let mut out = String::new();
    conditions(rounds, &mut out);
    documents_table(columns, &mut out);
    for group in GROUPS {
        group_table(group, columns, &mut out);
    }
    verdicts(columns, &mut out);
    out
}

/// Rows of ours that are shown beside libwbxml.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let reused = [("decode_xml", "ours, buffer reused")];
    GROUPS.into_iter().map(|group| (group, "ours")).chain(reused)
}

/// The floor of each group that says most, and which of ours stands beside it.
const FLOORS: [(&str, &str, &str); 7] = [
    ("decode_events", "ours", "floor/walk"),
    ("decode_events", "ours", "floor/nul_scan+simdutf8"),
    ("decode_tree", "ours", "floor/memcpy"),
    ("decode_xml", "ours, buffer reused", "floor/walk+escape+copy"),
    ("encode_events", "ours, buffer reused", "floor/copy+nul_scan"),
    ("encode_events", "ours, buffer reused", "floor/memcpy"),
    ("encode_xml", "ours", "quick-xml, reading only"),
];

/// Ratios only, with marks.
fn short_report(columns: &[Column<'_>], rounds: usize) -> String {
    let mut out = String::new();
    conditions(rounds, &mut out);
    header("times faster than libwbxml", columns, &mut out);
    for (group, name) in rows() {
        let _ = write!(out, "| {}{} |", group.replace('_', " "), &name["ours".len()..]);
        for column in columns {
            let cell = match (column.cell(group, name), column.cell(group, "libwbxml")) {
                (Some(ours), Some(peer)) => {
                    let times = peer.ns / ours.ns;
                    let below = |bar: Option<f64>| bar.is_some_and(|bar| times < bar);
                    let key = column.document.key;
                    let mark = if below(targets::times_libwbxml(group, name, key)) {
                        " miss"
                    } else if below(targets::goal_libwbxml(group, name, key)) {
                        "°"
                    } else {
                        ""
                    };
                    format!("{}{mark}{}", figure(times), if peer.right { "" } else { "†" })
                }
                _ => "-".to_owned(),
            };
            let _ = write!(out, " {cell} |");
        }
        out.push('\n');
    }
    out.push('\n');
    header("times the floor", columns, &mut out);
    for (group, name, floor) in FLOORS {
        let (shown, floor_shown) = (group.replace('_', " "), floor.trim_start_matches("floor/"));
        let _ = write!(out, "| {shown}{} / {floor_shown} |", &name["ours".len()..]);
        for column in columns {
            let (Some(ours), Some(least)) = (column.cell(group, name), column.cell(group, floor))
            else {
                continue;
            };
            let is = ours.ns / least.ns;
            // A floor that has nothing to do with the document: no text to copy.
            if is > 100.0 {
                out.push_str(" - |");
                continue;
            }
            let miss = targets::FLOORS.iter().any(|target| {
                let same = target.group == group && target.ours == name;
                let beside =
                    matches!(target.than, Than::Floor(name, most) if name == floor && is > most);
                same && beside && target.documents.contains(&column.document.key)
            });
            let _ = write!(out, " {}{} |", figure(is), if miss { " miss" } else { "" });
        }
        out.push('\n');
    }
    out
}

fn documents_table(columns: &[Column<'_>], out: &mut String) {
    let _ = writeln!(
        out,
        "| | document | WBXML bytes | XML bytes | tokens |\n|---|---|---:|---:|---:|"
    );
    for Column { document, .. } in columns {
        let (bytes, xml) = (document.bytes().len(), document.xml.len());
        let tokens = document.count.tokens();
        let _ =
            writeln!(out, "| {} | {} | {bytes} | {xml} | {tokens} |", document.key, document.name);
    }
}

fn header(first: &str, columns: &[Column<'_>], out: &mut String) {
    let keys: Vec<_> = columns.iter().map(|column| column.document.key).collect();
    let _ = writeln!(out, "| {first} | {} |", keys.join(" | "));
    let _ = writeln!(out, "|---|{}", "---:|".repeat(keys.len()));
}

/// Microseconds per document, with throughput and time per token of ours.
fn group_table(group: &str, columns: &[Column<'_>], out: &mut String) {
    let _ = writeln!(out, "\n### {}\n", group.replace('_', " "));
    header("µs", columns, out);
    for contender in CONTENDERS.iter().filter(|contender| contender.group == group) {
        let _ = write!(out, "| {} |", contender.name);
        for cell in columns.iter().filter_map(|column| column.cell(group, contender.name)) {
            let wrong = if cell.right { "" } else { " (wrong)" };
            let _ = write!(out, " {}{wrong} |", figure(cell.ns / 1e3));
        }
        out.push('\n');
    }
    let ours = |column: &Column<'_>| column.cell(group, "ours").map_or(f64::NAN, |cell| cell.ns);
    let mut row = |name: &str, value: &dyn Fn(&Column<'_>) -> f64| {
        let cells: Vec<_> = columns.iter().map(|column| figure(value(column))).collect();
        let _ = writeln!(out, "| {name} | {} |", cells.join(" | "));
    };
    row("ours, MB/s", &|column| column.document.bytes().len() as f64 * 1e3 / ours(column));
    row("ours, ns per token", &|column| ours(column) / column.document.count.tokens() as f64);
}

/// What must hold, and whether it does.
fn verdicts(columns: &[Column<'_>], out: &mut String) {
    let _ = writeln!(out, "\n### What must hold\n");
    let _ = writeln!(
        out,
        "Times faster than libwbxml: is (must / goal). **miss**: less than it must be; °: less than the goal.\n"
    );
    header("ours", columns, out);
    let mut missed = Vec::new();
    for (group, name) in rows() {
        let _ = write!(out, "| {}{} |", group.replace('_', " "), &name["ours".len()..]);
        for column in columns {
            let (ours, peer) = (column.cell(group, name), column.cell(group, "libwbxml"));
            let must = targets::times_libwbxml(group, name, column.document.key);
            let cell = match (ours, peer) {
                (Some(ours), Some(peer)) => {
                    let times = peer.ns / ours.ns;
                    let wrong = if peer.right { "" } else { "†" };
                    let short = must.is_some_and(|must| times < must);
                    if short {
                        missed.push(format!(
                            "{group} {}: {} x",
                            column.document.key,
                            figure(times)
                        ));
                    }
                    let goal = targets::goal_libwbxml(group, name, column.document.key);
                    let bar = match (must, goal) {
                        (None, None) => String::new(),
                        (must, goal) => {
                            let shown = |bar: Option<f64>| {
                                bar.map_or("-".to_owned(), |bar| bar.to_string())
                            };
                            format!(" ({} / {})", shown(must), shown(goal))
                        }
                    };
                    let mark = match goal {
                        _ if short => " **miss**",
                        Some(goal) if times < goal => "°",
                        _ => "",
                    };
                    format!("{}{mark}{wrong}{bar}", figure(times))
                }
                _ => "-".to_owned(),
            };
            let _ = write!(out, " {cell} |");
        }
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "\n† libwbxml loses something: CR in XML, the difference between opaque data and strings."
    );
    let _ = writeln!(out, "\n| ours | document | at most | is |\n|---|---|---:|---:|");
    for target in targets::FLOORS {
        for column in
            columns.iter().filter(|column| target.documents.contains(&column.document.key))
        {
            let Some(ours) = column.cell(target.group, target.ours) else { continue };
            let (is, most) = match target.than {
                Than::Floor(floor, most) => {
                    let Some(floor) = column.cell(target.group, floor) else { continue };
                    (ours.ns / floor.ns, format!("{most} x {}", floor_name(target.than)))
                }
                Than::Nanoseconds(most) => (ours.ns, format!("{most} ns")),
            };
            let short = is > target.than.most();
            if short {
                missed.push(format!("{} {}: {}", target.group, column.document.key, figure(is)));
            }
            let mark = if short { " **miss**" } else { "" };
            let key = column.document.key;
            let name = format!("{}: {}", target.group.replace('_', " "), target.ours);
            let _ = writeln!(out, "| {name} | {key} | {most} | {}{mark} |", figure(is));
        }
    }
    let _ = match missed.as_slice() {
        [] => writeln!(out, "\nEverything that must hold holds."),
        missed => writeln!(out, "\n{} cells are a miss: {}.", missed.len(), missed.join(", ")),
    };
}

fn floor_name(than: Than) -> &'static str {
    match than {
        Than::Floor(name, _) => name,
        Than::Nanoseconds(_) => "",
    }
}

/// Three digits that mean something.
fn figure(value: f64) -> String {
    match value {
        v if v >= 99.5 => format!("{v:.0}"),
        v if v >= 9.95 => format!("{v:.1}"),
        v if v >= 0.995 => format!("{v:.2}"),
        v => format!("{v:.3}"),
    }
}
