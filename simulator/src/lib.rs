//! One world, virtual time, faults: the simulator.
//!
//! A [`World`] holds one reference server, some devices and a network; [`Action`]s are all that can happen in it. A source of
//! choices ([`Choice`]) makes a schedule of them, [`World::rest`] lets everything come to rest, and the checker says whether mail
//! was lost. A failure [`shrink()`]s to the few actions that matter and is kept as a [`Trace`].
//!
//! ```
//! use activesync_checker::Rules;
//! use activesync_simulator::{Baselines, run_seeded};
//!
//! let rules = Rules { strict: true, black_box: false };
//! let outcome = run_seeded(1, 0, None, &rules, &mut Baselines::default())?;
//! assert!(outcome.verdict.findings.is_empty());
//! # Ok::<(), activesync_simulator::UnknownBug>(())
//! ```

mod action;
mod choice;
mod draw;
mod entropy;
mod hash;
mod scene;
mod schedule;
mod setup;
mod shrink;
mod trace;
mod wire;
mod world;

pub use action::{Action, CallKind, MailboxAction, NoAction, Odd, SyncAction, Trouble, UserAction};
pub use arbitrary;
pub use choice::{Choice, Seeded, Tape};
pub use draw::{Kind, draw};
pub use entropy::Schedule;
pub use scene::{Place, Scene, find, named};
pub use schedule::{
    Baselines, Outcome, Profile, Virtual, draw_setup, play, run_actions, run_chosen, run_seeded,
};
pub use setup::Setup;
pub use shrink::{Runner, Shrunk, shrink};
pub use trace::{Trace, TraceError, lines};
pub use wire::{WIRE_DEFECTS, WireDefectInfo};
pub use world::{Tally, UnknownBug, World};
