//! Throughput of the codec and schedules per second.
