//! The menu: what could happen next, by kind, and one of a kind.

use activesync::history::{CallName, DeviceName, FolderName, MailName};
use activesync_client::{Client, Want};

use crate::scene::{Place, Scene, find};
use crate::{Action, CallKind, Choice, MailboxAction, Odd, SyncAction, Trouble, UserAction};

macro_rules! kinds {
    ($($kind:ident $weight:literal,)*) => {
        /// A kind of action: what swarm testing switches on and off.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        #[allow(missing_docs)]
        pub enum Kind { $($kind,)* }

        impl Kind {
            /// All kinds, with the weight each has in a uniform schedule.
            pub const ALL: &'static [(Kind, u32)] = &[$((Kind::$kind, $weight)),*];
        }
    };
}

kinds! {
    BoxDeliver 9, BoxDated 1, BoxUnsendable 2, BoxWipe 1, BoxRead 4, BoxFlag 4, BoxMove 4, BoxDelete 4, BoxReadAll 1, BoxFolder 3, Clock 2,
    UserRead 5, UserFlag 4, UserDelete 4, UserMove 5, UserDraft 3, UserSend 2, UserReset 1,
    UserOptions 2, UserFolder 1,
    Sync 16, EmptySync 3, Ping 3, Moves 8, Folders 3, FolderEdit 5, Estimate 1, Odd 1,
    Go 18, In 5, Step 12, Home 6, Out 6, Store 6,
    LoseRequest 2, LoseResponse 5, CutResponse 1, Double 1, TimeOut 3,
    FailRead 1, FailItem 1, FailWrite 1, CrashServer 1, CrashAfter 2, CrashDevice 1, LoseState 1,
}

impl Kind {
    /// Whether every schedule needs it to get anywhere.
    pub(crate) fn is_vital(self) -> bool {
        matches!(self, Self::BoxDeliver | Self::Sync | Self::Go)
    }
}

/// Ages of mails that arrive, in days: on both sides of every FilterType.
const AGES: [u32; 6] = [0, 0, 0, 2, 5, 40];

/// One action of a kind that can happen now. `hot` is a mail that was touched lately: collisions are what we look for, so it
/// comes up half of the time.
pub fn draw(
    scene: &dyn Scene,
    kind: Kind,
    hot: Option<MailName>,
    choice: &mut impl Choice,
) -> Option<Action> {
    Menu(scene).draw(kind, hot, choice)
}

/// The menu over a scene.
struct Menu<'a>(&'a dyn Scene);

impl Menu<'_> {
    fn draw(&self, kind: Kind, hot: Option<MailName>, choice: &mut impl Choice) -> Option<Action> {
        if let Some(action) = self.draw_mailbox(kind, hot, choice) {
            return Some(Action::Mailbox(action));
        }
        if let Some((device, action)) = self.draw_user(kind, hot, choice) {
            return Some(Action::User(device, action));
        }
        if let Some(action) = self.draw_abandon(kind, choice) {
            return Some(action);
        }
        if let Some((call, kind)) = self.draw_call(kind, choice) {
            return Some(Action::Call(call, kind));
        }
        self.draw_inside(kind, choice).or_else(|| {
            let trouble = self.draw_trouble(kind, hot, choice);
            trouble.map(Action::Trouble)
        })
    }

    fn draw_mailbox(
        &self,
        kind: Kind,
        hot: Option<MailName>,
        choice: &mut impl Choice,
    ) -> Option<MailboxAction> {
        use MailboxAction as M;
        let mail = |choice: &mut _| self.some_mail(hot, choice);
        Some(match kind {
            Kind::BoxDeliver => {
                let age = AGES[choice.below(6) as usize];
                M::Deliver(self.0.next_mail(), self.some_folder(choice)?, age)
            }
            Kind::BoxDated => M::DeliverDated(
                self.0.next_mail(),
                self.some_folder(choice)?,
                AGES[3 + choice.below(3) as usize],
            ),
            Kind::BoxUnsendable => M::Unsendable(self.some_folder(choice)?),
            // A device that begins anew forgets what others have led up to: rarely.
            Kind::BoxWipe if choice.percent(25) => M::Wipe(self.some_device(choice)?),
            Kind::BoxRead => M::Read(mail(choice)?, choice.percent(60)),
            Kind::BoxFlag => M::Flag(mail(choice)?, self.some_flag(choice)),
            Kind::BoxMove => M::Move(mail(choice)?, self.some_folder(choice)?),
            Kind::BoxDelete => M::Delete(mail(choice)?),
            Kind::BoxReadAll => M::ReadAll(self.some_folder(choice)?, choice.percent(70)),
            Kind::BoxFolder => match choice.below(7) {
                0 | 1 => M::CreateFolder(self.0.next_folder()),
                2 | 3 => M::CreateBelow(self.0.next_folder(), self.some_user_folder(choice)?),
                4 => M::MoveFolder(self.some_user_folder(choice)?, self.some_user_folder(choice)?),
                5 => M::RenameFolder(self.some_user_folder(choice)?, choice.below(1000)),
                _ => M::DeleteFolder(self.some_user_folder(choice)?),
            },
            _ => return None,
        })
    }

    fn draw_user(
        &self,
        kind: Kind,
        hot: Option<MailName>,
        choice: &mut impl Choice,
    ) -> Option<(DeviceName, UserAction)> {
        use UserAction as U;
        let device = self.some_device(choice)?;
        let client = self.0.client(device)?;
        let mail = |choice: &mut _| device_mail(client, hot, choice);
        let action = match kind {
            Kind::UserRead => U::Read(mail(choice)?, choice.percent(60)),
            Kind::UserFlag => U::Flag(mail(choice)?, self.some_flag(choice)),
            Kind::UserDelete => U::Delete(mail(choice)?, choice.percent(20)),
            Kind::UserMove => U::Move(mail(choice)?, self.some_folder(choice)?),
            Kind::UserDraft if client.config().version.has_drafts() => U::Draft(self.0.next_mail()),
            Kind::UserSend if client.config().version.has_drafts() => U::Send(mail(choice)?),
            Kind::UserReset => U::Reset(self.some_folder(choice)?),
            Kind::UserOptions => match choice.below(3) {
                0 => U::Conflict(self.some_folder(choice)?, choice.percent(40)),
                _ => {
                    U::Filter(self.some_folder(choice)?, [0, 1, 2, 3, 5][choice.below(5) as usize])
                }
            },
            Kind::UserFolder => match choice.below(4) {
                0 | 1 => U::CreateFolder(self.0.next_folder()),
                2 => U::RenameFolder(self.some_user_folder(choice)?, choice.below(1000)),
                _ => U::DeleteFolder(self.some_user_folder(choice)?),
            },
            _ => return None,
        };
        Some((device, action))
    }

    /// A phone that has something to say does not wait for its Ping to end: it drops the connection, and the server does not
    /// notice.
    fn draw_abandon(&self, kind: Kind, choice: &mut impl Choice) -> Option<Action> {
        if !matches!(kind, Kind::Sync | Kind::Moves | Kind::Folders | Kind::FolderEdit) {
            return None;
        }
        let device = self.some_device(choice)?;
        self.0.abandon(device).filter(|_| choice.percent(50))
    }

    fn draw_call(&self, kind: Kind, choice: &mut impl Choice) -> Option<(CallName, CallKind)> {
        if kind == Kind::Odd {
            let device = self.some_device(choice)?;
            return Some((self.0.next_call(device), CallKind::Odd(self.some_odd(device, choice)?)));
        }
        let mut idle = self.0.devices();
        idle.retain(|name| self.0.client(*name).is_some_and(|client| !client.is_busy()));
        let device = *choice.pick(&idle)?;
        let client = self.0.client(device)?;
        let next = client.next();
        let kind = match kind {
            Kind::Sync if matches!(next, Some(Want::Sync(_) | Want::Ping | Want::MoveItems)) => {
                CallKind::Sync(self.some_sync(client, self.0.pushes(device), choice))
            }
            Kind::EmptySync if next == Some(Want::Ping) => CallKind::EmptySync,
            Kind::Ping if next == Some(Want::Ping) && self.0.pushes(device) => {
                CallKind::Sync(self.0.waiting_sync(device))
            }
            Kind::Ping if next == Some(Want::Ping) => CallKind::Ping,
            Kind::Moves if next == Some(Want::MoveItems) => CallKind::Moves,
            Kind::Folders => CallKind::Folders,
            Kind::FolderEdit if next == Some(Want::FolderEdit) => CallKind::FolderEdit,
            Kind::Estimate => CallKind::Estimate,
            _ => return None,
        };
        // What the device needs first (policy, hierarchy) comes before what the kind would be.
        let kind = match next {
            Some(Want::Provision) => CallKind::Provision,
            Some(Want::FolderSync) => CallKind::Folders,
            _ => kind,
        };
        Some((self.0.next_call(device), kind))
    }

    fn some_odd(&self, device: DeviceName, choice: &mut impl Choice) -> Option<Odd> {
        Some(match choice.below(4) {
            0 => Odd::InventedKey(self.some_folder(choice)?),
            1 => Odd::ForeignKey(self.some_folder(choice)?, self.some_folder(choice)?),
            2 => Odd::ReadOnly(device_mail(self.0.client(device)?, None, choice)?),
            _ => Odd::TooMany(self.some_folder(choice)?),
        })
    }

    fn some_sync(&self, client: &Client, partial: bool, choice: &mut impl Choice) -> SyncAction {
        let mut sync = SyncAction::default();
        if choice.percent(50) {
            sync.window = Some(1 + choice.below(3));
        }
        // Who waits by Sync lives by what the server has cached.
        if partial && choice.percent(20) {
            sync.folders = self.some_folder(choice).into_iter().collect();
            sync.partial = true;
            return sync;
        }
        match choice.below(13) {
            0 => sync.window_all = Some(1 + choice.below(3)),
            1 => sync.upload = true,
            2 => sync.heartbeat = Some(60),
            3 => sync.fetch = device_mail(client, None, choice),
            4 | 5 => sync.folders = self.some_folder(choice).into_iter().collect(),
            6 | 7 => {
                sync.folders = self.some_folder(choice).into_iter().collect();
                sync.partial = true;
            }
            _ => {}
        }
        sync
    }

    fn draw_inside(&self, kind: Kind, choice: &mut impl Choice) -> Option<Action> {
        let at = |test: fn(Place) -> bool, choice: &mut _| self.some_call(test, choice);
        Some(match kind {
            Kind::Clock => {
                Action::Clock([1, 60, 3600, 86_400, 4 * 86_400][choice.below(5) as usize])
            }
            Kind::Go => Action::Go(self.some_call_of_now(choice)?),
            Kind::In => Action::In(at(|place| matches!(place, Place::Outbound), choice)?),
            Kind::Step => Action::Step(at(|place| matches!(place, Place::AtServer), choice)?),
            Kind::Home => Action::Home(at(
                |place| matches!(place, Place::Outbound | Place::AtServer),
                choice,
            )?),
            Kind::Out => Action::Out(at(|place| matches!(place, Place::Homebound), choice)?),
            Kind::Store => Action::Store(at(
                |place| matches!(place, Place::Homebound | Place::Storing),
                choice,
            )?),
            _ => return None,
        })
    }

    fn draw_trouble(
        &self,
        kind: Kind,
        hot: Option<MailName>,
        choice: &mut impl Choice,
    ) -> Option<Trouble> {
        use Trouble as T;
        let outbound = |place: Place| matches!(place, Place::Outbound);
        let early = |place: Place| matches!(place, Place::Outbound | Place::AtServer);
        let late = |place: Place| !matches!(place, Place::Storing);
        Some(match kind {
            Kind::LoseRequest => T::LoseRequest(self.some_call(outbound, choice)?),
            Kind::LoseResponse => T::LoseResponse(self.some_call(late, choice)?),
            Kind::CutResponse => T::CutResponse(self.some_call(late, choice)?),
            Kind::Double => {
                let call = self.some_call(late, choice)?;
                T::Double(call, self.0.next_call(call.device))
            }
            Kind::TimeOut => T::TimeOut(self.some_call(late, choice)?),
            Kind::FailRead => T::FailRead(self.some_call(early, choice)?),
            Kind::FailItem => {
                T::FailItem(self.some_call(early, choice)?, self.some_mail(hot, choice)?)
            }
            Kind::FailWrite => T::FailWrite(self.some_call(early, choice)?),
            Kind::CrashServer => T::CrashServer,
            Kind::CrashAfter => T::CrashAfter(self.some_call(early, choice)?, 1 + choice.below(5)),
            Kind::CrashDevice => T::CrashDevice(self.some_device(choice)?),
            Kind::LoseState => T::LoseState(self.some_device(choice)?),
            _ => return None,
        })
    }

    fn some_device(&self, choice: &mut impl Choice) -> Option<DeviceName> {
        choice.pick(&self.0.devices()).copied()
    }

    fn some_call(
        &self,
        test: impl Fn(Place) -> bool,
        choice: &mut impl Choice,
    ) -> Option<CallName> {
        let places = self.0.places().into_iter().filter(|(_, place)| test(*place));
        let calls: Vec<_> = places.map(|(name, _)| name).collect();
        choice.pick(&calls).copied()
    }

    /// A call; one that nobody waits for any more is left where it is most of the time, since what comes late does harm.
    fn some_call_of_now(&self, choice: &mut impl Choice) -> Option<CallName> {
        let places = self.0.places().into_iter().map(|(name, _)| name);
        let patient = choice.percent(80);
        let calls: Vec<_> = places.filter(|name| !(patient && self.0.lingers(*name))).collect();
        choice.pick(&calls).copied()
    }

    fn some_mail(&self, hot: Option<MailName>, choice: &mut impl Choice) -> Option<MailName> {
        let mails = self.0.mails();
        if let Some(hot) = hot.filter(|hot| mails.contains(hot))
            && choice.percent(50)
        {
            return Some(hot);
        }
        choice.pick(&mails).copied()
    }

    /// A folder that holds mail; the home folder comes up as often as all others together.
    fn some_folder(&self, choice: &mut impl Choice) -> Option<FolderName> {
        if choice.percent(50) {
            return Some(self.0.home());
        }
        choice.pick(&self.0.folders()).cloned()
    }

    fn some_user_folder(&self, choice: &mut impl Choice) -> Option<FolderName> {
        let mut folders = self.0.folders();
        folders.retain(|folder| folder.as_str().starts_with('f') && *folder != self.0.home());
        choice.pick(&folders).cloned()
    }

    fn some_flag(&self, choice: &mut impl Choice) -> Option<u32> {
        choice.percent(70).then(|| self.0.next_flag())
    }
}

/// A mail that the user of a device can touch.
fn device_mail(
    client: &Client,
    hot: Option<MailName>,
    choice: &mut impl Choice,
) -> Option<MailName> {
    if let Some(hot) = hot.filter(|hot| find(client, *hot).is_some())
        && choice.percent(50)
    {
        return Some(hot);
    }
    let mails: Vec<_> = client
        .mails()
        .filter(|view| view.item.editable())
        .filter_map(|view| MailName::find(view.item.base.subject.as_deref()?))
        .collect();
    choice.pick(&mails).copied()
}
