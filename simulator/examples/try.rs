//! scratch
use activesync_checker::Rules;
use activesync_simulator::*;
use std::collections::BTreeMap;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n: u64 = a[1].parse().unwrap();
    let bug = a.get(2).filter(|b| *b != "none").map(|s| s.as_str());
    let black = a.get(3).is_some_and(|s| s == "bb");
    let max: usize = a.get(4).map_or(3, |s| s.parse().unwrap());
    let rules = Rules { strict: true, black_box: black };
    let mut b = Baselines::default();
    let t = std::time::Instant::now();
    let mut causes: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let (mut ans, mut ops, mut faults) = (0, 0, 0);
    let mut shown = 0;
    let mut cov = activesync_checker::Coverage::default();
    for i in 0..n {
        let o = run_seeded(1, i, bug, &rules, &mut b).unwrap();
        ans += o.tally.answered;
        ops += o.tally.operations;
        faults += o.tally.faults;
        cov.merge(&o.verdict.coverage);
        let mut fresh = None;
        for f in &o.verdict.findings {
            let e = causes.entry(f.cause.clone()).or_insert((0, i));
            e.0 += 1;
            if e.0 == 1 && fresh.is_none() {
                fresh = Some(f.clone());
            }
        }
        if let Some(f) = fresh {
            if shown < max {
                shown += 1;
                println!("== schedule {i}: {} {}", f.class, f.sentence);
                let mut v = Virtual { rules, baselines: &mut b };
                if let Some(s) = shrink(o, f.class, &mut v, 4000).unwrap() {
                    println!(
                        "{} replays, len {}\n{}\n{}",
                        s.replays,
                        s.outcome.actions.iter().filter(|a| a.counts()).count(),
                        s.finding.sentence,
                        Trace {
                            comments: vec![],
                            setup: s.outcome.setup.clone(),
                            actions: s.outcome.actions.clone(),
                            expect: Some(s.finding.class.to_string()),
                            hash: None
                        }
                    );
                    for f in &s.outcome.verdict.findings {
                        println!("   {} | {} | {}", f.class, f.cause, f.sentence);
                    }
                } else {
                    println!("did not shrink");
                }
                if bug.is_some() && max == 1 {
                    break;
                }
            }
        }
    }
    let s = t.elapsed().as_secs_f64();
    println!(
        "{n} in {s:.2}s = {:.0}/s; avg answered {:.1} ops {:.1} faults {:.1}",
        n as f64 / s,
        ans as f64 / n as f64,
        ops as f64 / n as f64,
        faults as f64 / n as f64
    );
    for (c, (k, i)) in &causes {
        println!("{k:6} first {i:6} {c}");
    }
    if a.len() > 5 {
        println!("{:?}\n{:?}\n{:?}", cov.faults, cov.statuses, cov.rows);
    }
}
