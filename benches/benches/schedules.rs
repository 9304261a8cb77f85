//! Schedules per second on one thread: the simulator, the codec, client, server and checker in it.

use activesync_checker::Rules;
use activesync_simulator::{Baselines, run_seeded};
use benches::clock::ThreadTime;
use criterion::{BenchmarkId, Criterion, Throughput};
use std::time::Duration;

/// Schedules per run: short and long ones, swarm and uniform.
const SCHEDULES: u64 = 32;

fn main() {
    let mut criterion = Criterion::default()
        .with_measurement(ThreadTime)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .without_plots()
        .configure_from_args();
    let mut group = criterion.benchmark_group("schedules");
    group.throughput(Throughput::Elements(SCHEDULES));
    for (name, black_box) in [("server's belief", false), ("black box", true)] {
        let rules = Rules { strict: true, black_box };
        let mut baselines = Baselines::default();
        let (mut first, mut findings) = (0, 0);
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| {
                for number in first..first + SCHEDULES {
                    let outcome = run_seeded(1, number, None, &rules, &mut baselines);
                    let outcome = outcome.expect("no defect is asked for");
                    findings += outcome.verdict.findings.len();
                }
                // The same schedules every time would sit in the caches.
                first = (first + SCHEDULES) % 4096;
            });
        });
        // Not what is measured here, but nobody should read a speed without it.
        if findings > 0 {
            eprintln!("schedules/{name}: {findings} findings on the correct server");
        }
    }
    group.finish();
    criterion.final_summary();
}
