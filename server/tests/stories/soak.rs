//! Many short histories from numbered seeds: the correct server against two plain phones, with answers lost, requests doubled,
//! crashes and faults between stages. In the end everybody holds the same, and what the server believed of a device was always
//! what it held.

use activesync::history::{HeldItem, MailName};
use activesync::sync::{self, ClientCommand, Options};
use activesync::{Flag, Request, Response, ServerId, Timestamp};
use activesync_server::{Progress, Retry, Stage, StageFault};

use crate::BOTH;
use crate::driver::*;
use crate::phone::Phone;

const FOLDERS: [&str; 3] = [INBOX, DRAFTS, TRASH];
const LABELS: [&str; 4] = ["inbox", "drafts", "deleted", "sent"];

/// Xorshift, written out so that a seed means the same for ever.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        let at = self.roll(from.len() as u64);
        from[usize::try_from(at).unwrap()]
    }
}

/// An answer that the device got; it may be the empty one.
struct Got(Option<sync::Response>);

struct Soak {
    world: World,
    dice: Dice,
    phones: Vec<Phone>,
    /// A request with commands that has no answer yet: sent again word for word (MS-ASCMD R5107).
    unanswered: Vec<Option<sync::Request>>,
    /// The last request, if an empty one may repeat it.
    last: Vec<Option<sync::Request>>,
    /// Requests that their device gave up on, still in work.
    zombies: Vec<u32>,
    names: u32,
    log: Vec<String>,
    faults: u32,
}

#[test]
fn all_agree_in_the_end() {
    let mut faults = 0;
    for retry in BOTH {
        for seed in 1..=1500 {
            let mut soak = Soak::new(retry, seed);
            for _ in 0..30 {
                soak.turn();
            }
            soak.settle();
            faults += soak.faults;
        }
    }
    assert!(faults > 10_000, "only {faults} faults were met");
}

impl Soak {
    fn new(retry: Retry, seed: u64) -> Self {
        let mut world = World::new(retry, None);
        for name in 1..=3 {
            world.deliver(name);
        }
        let phones = ["A", "B"].map(|device| {
            let mut phone = Phone::new(device);
            for folder in FOLDERS {
                phone.reset(folder);
                phone.drain(&mut world, folder);
            }
            phone
        });
        let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let log = vec![format!("{retry:?} seed {seed}")];
        let (phones, unanswered) = (phones.into(), vec![None, None]);
        let (last, zombies) = (vec![None, None], Vec::new());
        Self { world, dice, phones, unanswered, last, zombies, names: 3, log, faults: 0 }
    }

    fn turn(&mut self) {
        match self.dice.roll(24) {
            0..=9 => self.other_hand(),
            10..=11 => self.world.now = Timestamp(self.world.now.0 + 40_000),
            12 if self.dice.chance(20) => {
                self.log.push("state lost".into());
                self.world.store.lose_state(&"A".into());
            }
            12 => self.reset(),
            13 => self.filter(),
            14..=15 => self.step_zombie(),
            _ => self.device(),
        }
    }

    /// A user starts a folder again.
    fn reset(&mut self) {
        let at = usize::try_from(self.dice.roll(2)).unwrap();
        let folder = self.dice.pick(&FOLDERS);
        self.log.push(format!("device {at} resets {folder}"));
        self.unanswered[at] = None;
        self.phones[at].reset(folder);
    }

    fn filter(&mut self) {
        let at = usize::try_from(self.dice.roll(2)).unwrap();
        if self.unanswered[at].is_none() {
            let filter_type = self.dice.chance(50).then_some(1);
            self.log.push(format!("device {at} has filter {filter_type:?}"));
            self.phones[at].want_filter(filter_type);
        }
    }

    fn step_zombie(&mut self) {
        if self.zombies.is_empty() {
            return;
        }
        let at = usize::try_from(self.dice.roll(self.zombies.len() as u64)).unwrap();
        let call = self.zombies[at];
        self.log.push(format!("zombie {call} {:?}", self.world.server.stage(call)));
        if self.world.server.stage(call).is_none()
            || matches!(self.world.step(call), Progress::Responded(_))
        {
            self.zombies.remove(at);
        }
    }

    fn other_hand(&mut self) {
        let name = u32::try_from(self.dice.roll(u64::from(self.names)) + 1).unwrap();
        let deed = self.dice.roll(6);
        self.log.push(format!("other hand {deed} m{name}"));
        let mail = MailName(name);
        match deed {
            0 | 1 => {
                self.names += 1;
                let label = self.dice.pick(&LABELS[..3]);
                self.world.deliver_to(label, self.names);
            }
            2 => {
                self.world.store.mailbox.set_read(mail, self.dice.chance(50));
            }
            3 => {
                let flag = Flag::active(self.dice.pick(&["x", "y"]));
                self.world.store.mailbox.set_flag(mail, flag);
            }
            4 => {
                let to = folder(self.dice.pick(&LABELS));
                self.world.store.mailbox.move_mail(mail, &to);
            }
            _ => {
                self.world.store.mailbox.delete(mail);
            }
        }
    }

    fn device(&mut self) {
        let at = usize::try_from(self.dice.roll(2)).unwrap();
        if self.dice.chance(10) && self.unanswered[at].is_none() && self.zombies.is_empty() {
            self.move_one(at);
            return;
        }
        let body = match &self.unanswered[at] {
            Some(body) => body.clone(),
            None if self.may_be_empty(at) && self.dice.chance(15) => {
                return self.empty_sync(at);
            }
            None => self.body(at),
        };
        let has_commands = body.collections.iter().any(|c| !c.commands.is_empty());
        if has_commands {
            self.unanswered[at] = Some(body.clone());
        }
        let got = self.attempt(at, Some(&body));
        if let Some(Got(response)) = got {
            self.last[at] = Some(body.clone()).filter(|_| response.is_none());
            self.log.push(format!("  took {response:?}"));
            let failed = response.as_ref().is_some_and(|r| {
                r.status.is_some() || r.collections.iter().any(|c| c.status.code() != 1)
            });
            if failed {
                // 5: the same again. Those that were answered well are taken in, which changes the body.
                if response.as_ref().is_some_and(|r| r.status.is_none()) {
                    self.unanswered[at] = None;
                    self.phones[at].take_fine(&body.collections, response);
                }
                return;
            }
            self.unanswered[at] = None;
            self.phones[at].take(&body.collections, response);
        }
    }

    /// A device repeats a request only if the answer to it was empty (MS-ASCMD R670).
    fn may_be_empty(&self, at: usize) -> bool {
        let phone = &self.phones[at];
        let stands =
            |asked: &sync::Collection| asked.sync_key == *phone.key(asked.collection_id.as_str());
        self.last[at].as_ref().is_some_and(|body| body.collections.iter().all(stands))
    }

    fn empty_sync(&mut self, at: usize) {
        if let Some(Got(response)) = self.attempt(at, None) {
            let incomplete = response.as_ref().is_some_and(|r| r.status.is_some());
            if !incomplete {
                self.log.push(format!("  took {response:?}"));
                if response.is_some() {
                    self.last[at] = None;
                }
                self.phones[at].take_fine(&[], response);
            }
        }
    }

    fn body(&mut self, at: usize) -> sync::Request {
        let mut collections = Vec::new();
        for folder in FOLDERS {
            if !collections.is_empty() && self.dice.chance(50) {
                continue;
            }
            let mut asked = self.phones[at].ask(folder);
            if self.dice.chance(40) {
                asked.commands = self.commands(at, folder);
            }
            if self.dice.chance(50) {
                asked.window_size = Some(u32::try_from(self.dice.roll(3)).unwrap() + 1);
            }
            if self.dice.chance(15) {
                asked.get_changes = Some(false);
            }
            if self.dice.chance(20) {
                asked.deletes_as_moves = Some(false);
            }
            if asked.sync_key.is_zero() {
                collections.push(collection(folder, &asked.sync_key));
                continue;
            }
            // The filter is named each time: after a lost state nothing sticks.
            let conflict = self.dice.chance(20).then_some(0);
            let filter_type = self.phones[at].filter_type();
            asked.options = Some(Options { conflict, filter_type, ..Options::default() });
            collections.push(asked);
        }
        let window_size = self.dice.chance(20).then_some(2);
        sync::Request { window_size, ..request(collections) }
    }

    fn commands(&mut self, at: usize, folder: &str) -> Vec<ClientCommand> {
        let held: Vec<ServerId> = self.phones[at].items[folder].keys().cloned().collect();
        let mut commands = Vec::new();
        if folder == DRAFTS && self.dice.chance(40) {
            self.names += 1;
            commands.push(add(&format!("c{}", self.names), mail(self.names)));
        }
        for id in held {
            match self.dice.roll(8) {
                0 => commands.push(change(&id, read(self.dice.chance(50)))),
                1 => commands.push(change(&id, flag(self.dice.pick(&["p", "q"])))),
                2 => commands.push(delete(&id)),
                3 if self.dice.chance(30) => commands.push(ClientCommand::Fetch { server_id: id }),
                _ => {}
            }
        }
        commands
    }

    fn move_one(&mut self, at: usize) {
        let (from, to) = if self.dice.chance(50) { (INBOX, TRASH) } else { (TRASH, INBOX) };
        let Some(id) = self.phones[at].items[from].keys().next().cloned() else { return };
        self.log.push(format!("device {at} moves {id}"));
        let lost = self.dice.chance(30);
        if lost {
            self.faults += 1;
            self.phones[at].lose_move(&mut self.world, &id, from, to);
        } else {
            let rekey = self.dice.chance(50) && !self.phones[at].key(to).is_zero();
            self.phones[at].move_mail(&mut self.world, &id, from, to, rekey);
        }
    }

    /// Sends a request and lets things happen on its way. `None`: the device got no answer.
    fn attempt(&mut self, at: usize, body: Option<&sync::Request>) -> Option<Got> {
        let device = ["A", "B"][at];
        self.log.push(format!("{device} sends {body:?}"));
        let request = Request::Sync(body.cloned());
        let call = self.world.start(device, &request);
        let doubled = self.dice.chance(10).then(|| self.world.start(device, &request));
        let mut response = None;
        for step in 0..300 {
            if self.dice.chance(8) {
                self.other_hand();
            }
            if self.dice.chance(3) {
                self.faults += 1;
                self.log.push("  crash".into());
                self.world.server.crash();
                return None;
            }
            if self.dice.chance(3) {
                self.faults += 1;
                self.log.push("  given up".into());
                self.zombies.extend([Some(call), doubled].into_iter().flatten());
                return None;
            }
            let stage = self.world.server.stage(call);
            if stage == Some(Stage::Blocked) {
                doubled.map(|copy| self.world.step(copy));
                self.step_zombie();
                continue;
            }
            let fault = match (stage, self.dice.roll(20)) {
                (Some(Stage::Read), 0) => Some(StageFault::ReadFails),
                (Some(Stage::Read), 1) => {
                    let name = u32::try_from(self.dice.roll(u64::from(self.names)) + 1).unwrap();
                    Some(StageFault::ItemUnreadable(MailName(name)))
                }
                (Some(Stage::Command(_) | Stage::Persist), 0) => Some(StageFault::WriteFails),
                _ => None,
            };
            self.faults += u32::from(fault.is_some());
            let now = self.world.now;
            self.log.push(format!("  step {step} {stage:?} {fault:?}"));
            let progress = self.world.server.advance(call, &mut self.world.store, fault, now);
            if stage == Some(Stage::Accept) {
                self.check_beliefs(at, call);
            }
            if let Progress::Responded(http) = progress {
                let decoded = Response::decode(activesync::Command::Sync, http.body());
                let Ok(Response::Sync(decoded)) = decoded else { panic!("{decoded:?}") };
                response = Some(Got(decoded));
                break;
            }
        }
        // The copy, late.
        if let Some(copy) = doubled {
            self.faults += 1;
            if self.dice.chance(50) {
                while matches!(self.world.step(copy), Progress::Done(_)) {}
            } else {
                self.zombies.push(copy);
            }
        }
        if self.dice.chance(25) {
            self.faults += 1;
            self.log.push("  lost".into());
            return None;
        }
        response
    }

    fn check_beliefs(&self, at: usize, call: u32) {
        for belief in self.world.server.beliefs(call) {
            let folder = belief.collection.as_str();
            let phone = &self.phones[at];
            if phone.key(folder) != &belief.key {
                continue;
            }
            let arrived = |id: &ServerId| phone.arrived.contains(id);
            let unsure = |id: &ServerId| belief.unsure.contains(id);
            let held = phone.held(folder).filter(|(id, _)| !unsure(id) && !arrived(id)).map(
                |(id, data)| HeldItem {
                    server_id: id.clone(),
                    read: data.read.unwrap_or(false),
                    flag: data.flag.clone().unwrap_or_default(),
                },
            );
            let mut held: Vec<_> = held.collect();
            held.sort();
            let believed: Vec<_> =
                belief.items.iter().filter(|item| !unsure(&item.server_id)).cloned().collect();
            assert_eq!(
                believed,
                held,
                "{folder} of {at} under {}\n{}",
                belief.key,
                self.log.join("\n")
            );
        }
    }

    fn settle(&mut self) {
        self.log.push("settle".into());
        self.world.server.crash();
        for at in 0..2 {
            if let Some(body) = self.unanswered[at].take() {
                let device = ["A", "B"][at];
                let response = self.world.sync_as(device, Some(body.clone()));
                self.phones[at].take_fine(&body.collections, response);
            }
        }
        for phone in &mut self.phones {
            // Twice: the answer to a retry may be the stored one, which knows nothing newer.
            for folder in FOLDERS.iter().chain(&FOLDERS) {
                phone.drain_filtered(&mut self.world, folder);
            }
            let harm = phone.harm(&self.world);
            assert!(harm.is_empty(), "{harm:?}\n{}", self.log.join("\n"));
        }
    }
}
