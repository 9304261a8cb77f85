//! What a phone with a planted defect does with a command of the server instead of taking it in.

use activesync::sync::ServerCommand;

use crate::Defect;
use crate::content::Numbers;
use crate::device::CollectionState;
use crate::item::{Edit, Pending};

impl CollectionState {
    /// Makes the mistake of a defect; `true` when the command is dealt with by that.
    pub(crate) fn mistake(
        &mut self,
        command: &ServerCommand,
        defect: Option<Defect>,
        numbers: &mut Numbers,
    ) -> bool {
        let Some(defect) = defect else { return false };
        let id = command.server_id();
        let known = self.find(id);
        match (defect, command) {
            (
                Defect::IgnoresDeletes,
                ServerCommand::Delete { .. } | ServerCommand::SoftDelete { .. },
            ) => true,
            (Defect::AddNotIdempotent, ServerCommand::Add { data, .. }) if known.is_some() => {
                self.insert(id, data, Pending::default(), numbers);
                true
            }
            (Defect::Status3WithoutWipe, ServerCommand::Add { data, .. }) if self.filling => {
                self.insert(id, data, Pending::default(), numbers);
                true
            }
            (Defect::ChangeCreatesItem, ServerCommand::Change { data, .. }) => {
                let gone = known.and_then(|local| self.items.get(&local));
                let Some(gone) = gone.filter(|item| item.pending.delete.is_some()) else {
                    return false;
                };
                let mut again = gone.base.clone();
                again.merge(data);
                self.insert(id, &again, Pending::default(), numbers);
                true
            }
            (
                Defect::PullOverwritesPendingEdit,
                ServerCommand::Add { .. } | ServerCommand::Change { .. },
            ) => {
                if let Some(item) = known.and_then(|local| self.items.get_mut(&local)) {
                    item.pending.read = None;
                    item.pending.flag = None;
                }
                false
            }
            (Defect::SoftDeleteBecomesDelete, ServerCommand::SoftDelete { .. }) => {
                let item = known.and_then(|local| self.items.get_mut(&local));
                let Some(item) = item else { return false };
                numbers.edit += 1;
                item.pending.delete = Some(Edit { value: false, number: numbers.edit });
                true
            }
            (Defect::DropsItemOnParseError, ServerCommand::Add { data, .. }) => {
                data.flag.as_ref().is_some_and(activesync::Flag::is_set)
            }
            _ => false,
        }
    }
}
