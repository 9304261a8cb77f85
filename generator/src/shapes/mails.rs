//! Mails in responses to Sync and ItemOperations.

use super::{within, words};
use crate::Dice;
use wbxml::Encoder;
use wbxml::tags::{air_sync, air_sync_base, email, email2, item_operations};

/// What body a mail comes with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// None: size and the mark that it was left out.
    None,
    /// 1 KB of ASCII.
    Text,
    /// 32 KB of many scripts.
    World,
}

/// A response to Sync with new mails.
pub(super) fn sync(encoder: &mut Encoder, mails: usize, body: Body) {
    let mut dice = Dice::new(mails as u64);
    within(encoder, &[air_sync::SYNC, air_sync::COLLECTIONS, air_sync::COLLECTION], |e| {
        e.leaf(air_sync::CLASS, "Email");
        e.leaf(air_sync::SYNC_KEY, "1854213078");
        e.leaf(air_sync::COLLECTION_ID, "5");
        e.leaf(air_sync::STATUS, "1");
        within(e, &[air_sync::COMMANDS], |e| {
            for number in 0..mails {
                mail(e, &mut dice, number, body);
            }
        });
    });
}

/// One mail as `Add`.
pub(super) fn mail(encoder: &mut Encoder, dice: &mut Dice, number: usize, body: Body) {
    within(encoder, &[air_sync::ADD], |e| {
        e.leaf(air_sync::SERVER_ID, &format!("5:{}", number + 1));
        within(e, &[air_sync::APPLICATION_DATA], |e| {
            let to = format!("{}, {}", words::address(dice), words::address(dice));
            e.leaf(email::TO, &to);
            // One in four has a copy.
            if number % 4 == 3 {
                e.leaf(email::CC, &words::address(dice));
            }
            e.leaf(email::FROM, &words::address(dice));
            let subject = words::subject(dice);
            e.leaf(email::SUBJECT, &format!("Re: {subject}"));
            e.leaf(email::DATE_RECEIVED, &words::date(dice));
            e.leaf(email::DISPLAY_TO, to.split('"').nth(1).unwrap_or_default());
            e.leaf(email::THREAD_TOPIC, &subject);
            e.leaf(email::IMPORTANCE, "1");
            e.leaf(email::READ, if number.is_multiple_of(3) { "0" } else { "1" });
            within(e, &[air_sync_base::BODY], |e| {
                e.leaf(air_sync_base::TYPE, "1");
                let text = match body {
                    Body::None => None,
                    Body::Text => Some(words::text(dice, 1000)),
                    Body::World => Some(words::world(dice, 32_600)),
                };
                let size = text.as_ref().map_or(20_000 + number, String::len);
                e.leaf(air_sync_base::ESTIMATED_DATA_SIZE, &size.to_string());
                match text {
                    None => e.leaf(air_sync_base::TRUNCATED, "1"),
                    Some(text) => e.leaf(air_sync_base::DATA, &text),
                }
            });
            e.leaf(email::MESSAGE_CLASS, "IPM.Note");
            e.leaf(email::INTERNET_CPID, "65001");
            e.empty(email::FLAG);
            e.leaf(email::CONTENT_CLASS, "urn:content-classes:message");
            e.leaf(air_sync_base::NATIVE_BODY_TYPE, "1");
            e.leaf_opaque(email2::CONVERSATION_ID, &dice.bytes(16));
            e.leaf_opaque(email2::CONVERSATION_INDEX, &dice.bytes(5));
            e.empty(email::CATEGORIES);
        });
    });
}

/// A response to ItemOperations with one MIME body of 5 MB.
pub(super) fn fetch(encoder: &mut Encoder, opaque: bool) {
    use item_operations::{FETCH, ITEM_OPERATIONS, PROPERTIES, RESPONSE, STATUS};
    let mut dice = Dice::new(5);
    within(encoder, &[ITEM_OPERATIONS], |e| {
        e.leaf(STATUS, "1");
        within(e, &[RESPONSE, FETCH], |e| {
            e.leaf(STATUS, "1");
            e.leaf(air_sync::SERVER_ID, "5:77");
            within(e, &[PROPERTIES], |e| {
                let subject = words::subject(&mut dice);
                e.leaf(email::TO, &words::address(&mut dice));
                e.leaf(email::FROM, &words::address(&mut dice));
                e.leaf(email::SUBJECT, &subject);
                e.leaf(email::DATE_RECEIVED, &words::date(&mut dice));
                e.leaf(email::THREAD_TOPIC, &subject);
                e.leaf(email::IMPORTANCE, "1");
                e.leaf(email::READ, "0");
                e.leaf(email::MESSAGE_CLASS, "IPM.Note");
                e.leaf(email::INTERNET_CPID, "65001");
                e.leaf(email::CONTENT_CLASS, "urn:content-classes:message");
                e.empty(email::FLAG);
                e.leaf_opaque(email2::CONVERSATION_ID, &dice.bytes(16));
                e.leaf_opaque(email2::CONVERSATION_INDEX, &dice.bytes(5));
                within(e, &[air_sync_base::BODY], |e| {
                    let body = words::mime(&mut dice, 5_252_600);
                    e.leaf(air_sync_base::TYPE, "4");
                    e.leaf(air_sync_base::ESTIMATED_DATA_SIZE, &body.len().to_string());
                    if opaque {
                        e.leaf_opaque(air_sync_base::DATA, body.as_bytes());
                    } else {
                        e.leaf(air_sync_base::DATA, &body);
                    }
                });
            });
        });
    });
}
