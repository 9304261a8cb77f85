//! Decode and encode over the ten documents, ours beside the others, in CPU time.

use benches::clock::ThreadTime;
use benches::documents;
use benches::operations::{CONTENDERS, GROUPS, Scratch};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::time::Duration;

fn main() {
    let mut criterion = Criterion::default()
        .with_measurement(ThreadTime)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .without_plots()
        .configure_from_args();
    let documents = documents::all();
    let mut scratch = Scratch::default();
    for name in GROUPS {
        let mut group = criterion.benchmark_group(name);
        for document in &documents {
            let events = document.events();
            group.throughput(Throughput::Bytes(document.bytes().len() as u64));
            for contender in CONTENDERS.iter().filter(|contender| contender.group == name) {
                if !(contender.is_right)(document) {
                    eprintln!("{name}/{}/{}: wrong result", contender.name, document.key);
                }
                let id = BenchmarkId::new(contender.name, document.key);
                group.bench_with_input(id, document, |bencher, document| {
                    bencher.iter(|| (contender.run)(document, &events, &mut scratch));
                });
            }
        }
        group.finish();
    }
    criterion.final_summary();
}
