//! Everything durable: the mailbox, and what the server remembers of each device.
//!
//! The store outlives the server: after [`crate::Server::crash`] a server goes on from what stands here. It is changed by the
//! other hand of the mailbox, and by commits of the server, each of which is atomic.

use std::collections::BTreeMap;
use std::sync::Arc;

use activesync::{DeviceId, PolicyKey, SyncKey};

use crate::Mailbox;
use crate::state::DeviceState;

/// The durable state. Cloning is cheap: clones share what neither has changed.
#[derive(Clone, Debug)]
pub struct Store {
    /// The mailbox.
    pub mailbox: Mailbox,
    devices: BTreeMap<DeviceId, Arc<DeviceState>>,
    next_key: u64,
    next_policy: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// A mailbox with its special folders and no device.
    pub fn new() -> Self {
        let (next_key, next_policy) = (1, 1001);
        Self { mailbox: Mailbox::new(), devices: BTreeMap::new(), next_key, next_policy }
    }

    /// A fault: all that is remembered of the synchronisation with a device is lost. The mail stays, and so does the
    /// policy, which belongs to the account.
    pub fn lose_state(&mut self, device: &DeviceId) {
        if let Some(state) = self.devices.get_mut(device) {
            let policy = state.policy.clone();
            *state = Arc::new(DeviceState { policy, ..DeviceState::default() });
        }
    }

    /// Asks for a device to be wiped: every command is refused until it has acknowledged (MS-ASPROV 3.1.5.1.2.2).
    pub fn request_wipe(&mut self, device: &DeviceId) {
        self.device_mut(device).policy.wipe = true;
    }

    /// Whether a wipe is still to be acknowledged.
    pub fn wipe_pending(&self, device: &DeviceId) -> bool {
        self.device(device).is_some_and(|state| state.policy.wipe)
    }

    /// The devices seen so far.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceId> {
        self.devices.keys()
    }

    pub(crate) fn device(&self, id: &DeviceId) -> Option<&DeviceState> {
        self.devices.get(id).map(|state| &**state)
    }

    pub(crate) fn device_mut(&mut self, id: &DeviceId) -> &mut DeviceState {
        if !self.devices.contains_key(id) {
            self.devices.insert(id.clone(), Arc::default());
        }
        Arc::make_mut(self.devices.entry(id.clone()).or_default())
    }

    /// A key that no device and no collection has ever had: keys are never used twice and never shared.
    pub(crate) fn fresh_key(&mut self, prefix: char) -> SyncKey {
        let key = SyncKey::new(format!("{prefix}{}", self.next_key));
        self.next_key += 1;
        key
    }

    pub(crate) fn fresh_policy_key(&mut self) -> PolicyKey {
        let key = PolicyKey(self.next_policy);
        self.next_policy += 1;
        key
    }
}
