//! One world, virtual time, faults: the simulator.
