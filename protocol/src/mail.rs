//! The properties of an e-mail (MS-ASEMAIL, MS-ASAIRS), whole or in part.

use std::sync::Arc;

use wbxml::tags::{air_sync_base, email, email2};
use wbxml::{Encoder, Node};

use crate::{ProtocolError, Timestamp, wire};

/// Properties of an e-mail. In an Add it is the item; in a Change what is `None` is left alone (MS-ASEMAIL R75 to R78 for
/// the server, MS-ASCMD R873 for the client).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mail {
    /// To whom.
    pub to: Option<Arc<str>>,
    /// From whom.
    pub from: Option<Arc<str>>,
    /// Subject.
    pub subject: Option<Arc<str>>,
    /// When the server received it; what FilterType goes by.
    pub date_received: Option<Timestamp>,
    /// Message class, such as `IPM.Note`.
    pub message_class: Option<Arc<str>>,
    /// Whether it was read.
    pub read: Option<bool>,
    /// The follow-up flag.
    pub flag: Option<Flag>,
    /// The categories, in order.
    pub categories: Option<Vec<Arc<str>>>,
    /// The body, maybe cut.
    pub body: Option<Body>,
    /// Whether it is a draft (16.0 on).
    pub is_draft: Option<bool>,
}

/// The follow-up flag of an e-mail. The default is "no flag".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Flag {
    /// 0 none, 1 complete, 2 active (MS-ASEMAIL 2.2.2.70).
    pub status: u8,
    /// The text beside it, such as "Follow up".
    pub flag_type: Option<Arc<str>>,
}

impl Flag {
    /// An active flag with a text.
    pub fn active(text: impl Into<Arc<str>>) -> Self {
        Self { status: 2, flag_type: Some(text.into()) }
    }

    /// Whether a flag is set at all.
    pub fn is_set(&self) -> bool {
        self.status != 0
    }
}

/// A body (MS-ASAIRS 2.2.2.9).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Body {
    /// 1 plain, 2 HTML, 3 RTF, 4 MIME.
    pub kind: u8,
    /// Size of the whole body, in bytes.
    pub estimated_size: Option<u32>,
    /// Whether the data was cut.
    pub truncated: Option<bool>,
    /// The data.
    pub data: Option<Arc<str>>,
}

impl Mail {
    /// Writes the properties as children of ApplicationData.
    pub(crate) fn write(&self, out: &mut Encoder) {
        wire::leaf_if(out, email::TO, self.to.as_deref());
        wire::leaf_if(out, email::FROM, self.from.as_deref());
        wire::leaf_if(out, email::SUBJECT, self.subject.as_deref());
        if let Some(date) = self.date_received {
            out.leaf(email::DATE_RECEIVED, &date.to_string());
        }
        wire::leaf_bool_if(out, email::READ, self.read);
        if let Some(flag) = &self.flag {
            flag.write(out);
        }
        wire::leaf_if(out, email::MESSAGE_CLASS, self.message_class.as_deref());
        if let Some(categories) = &self.categories {
            out.start(email::CATEGORIES);
            for category in categories {
                out.leaf(email::CATEGORY, category);
            }
            out.end();
        }
        if let Some(body) = &self.body {
            body.write(out);
        }
        wire::leaf_bool_if(out, email2::IS_DRAFT, self.is_draft);
    }

    /// Reads the properties this crate knows; others are left to those who look at the tree.
    pub(crate) fn read(data: Node<'_>) -> Result<Self, ProtocolError> {
        let mut mail = Self::default();
        for child in data.children() {
            match child.tag() {
                email::TO => mail.to = Some(wire::text(child)),
                email::FROM => mail.from = Some(wire::text(child)),
                email::SUBJECT => mail.subject = Some(wire::text(child)),
                email::DATE_RECEIVED => mail.date_received = Timestamp::parse(&wire::text(child)),
                email::MESSAGE_CLASS => mail.message_class = Some(wire::text(child)),
                email::READ => mail.read = Some(&*wire::text(child) == "1"),
                email::FLAG => mail.flag = Some(Flag::read(child)?),
                email::CATEGORIES => {
                    let texts = child.children().filter(|node| node.tag() == email::CATEGORY);
                    mail.categories = Some(texts.map(wire::text).collect());
                }
                air_sync_base::BODY => mail.body = Some(Body::read(child)?),
                email2::IS_DRAFT => mail.is_draft = Some(&*wire::text(child) == "1"),
                _ => {}
            }
        }
        Ok(mail)
    }

    /// Takes over what `change` carries and leaves the rest alone.
    pub fn merge(&mut self, change: &Mail) {
        fn take<T: Clone>(slot: &mut Option<T>, new: Option<&T>) {
            if let Some(new) = new {
                *slot = Some(new.clone());
            }
        }
        take(&mut self.to, change.to.as_ref());
        take(&mut self.from, change.from.as_ref());
        take(&mut self.subject, change.subject.as_ref());
        take(&mut self.date_received, change.date_received.as_ref());
        take(&mut self.message_class, change.message_class.as_ref());
        take(&mut self.read, change.read.as_ref());
        take(&mut self.flag, change.flag.as_ref());
        take(&mut self.categories, change.categories.as_ref());
        take(&mut self.body, change.body.as_ref());
        take(&mut self.is_draft, change.is_draft.as_ref());
    }
}

impl Flag {
    fn write(&self, out: &mut Encoder) {
        out.start(email::FLAG);
        if self.is_set() {
            wire::leaf_number(out, email::STATUS, self.status);
            wire::leaf_if(out, email::FLAG_TYPE, self.flag_type.as_deref());
        }
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let status = wire::child_number(node, email::STATUS)?.unwrap_or(0);
        let flag_type = wire::child_text(node, email::FLAG_TYPE).filter(|_| status != 0);
        Ok(Self { status, flag_type })
    }
}

impl Body {
    fn write(&self, out: &mut Encoder) {
        out.start(air_sync_base::BODY);
        wire::leaf_number(out, air_sync_base::TYPE, self.kind);
        wire::leaf_number_if(out, air_sync_base::ESTIMATED_DATA_SIZE, self.estimated_size);
        wire::leaf_bool_if(out, air_sync_base::TRUNCATED, self.truncated);
        wire::leaf_if(out, air_sync_base::DATA, self.data.as_deref());
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        Ok(Self {
            kind: wire::child_number(node, air_sync_base::TYPE)?.unwrap_or(1),
            estimated_size: wire::child_number(node, air_sync_base::ESTIMATED_DATA_SIZE)?,
            truncated: wire::child_bool(node, air_sync_base::TRUNCATED)?,
            data: wire::child_text(node, air_sync_base::DATA),
        })
    }
}
