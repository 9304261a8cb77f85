//! Items other than mails: appointments, contacts, tasks, people found.

use super::{mails, search_response, within, words};
use crate::Dice;
use wbxml::Encoder;
use wbxml::tags::{
    air_sync, air_sync_base, calendar, contacts, contacts2, email, gal, search, tasks,
};

/// A response to Sync with mails, appointments, contacts and tasks in turn.
pub(super) fn mixed(encoder: &mut Encoder) {
    let mut dice = Dice::new(300);
    within(encoder, &[air_sync::SYNC, air_sync::COLLECTIONS, air_sync::COLLECTION], |e| {
        e.leaf(air_sync::SYNC_KEY, "77");
        e.leaf(air_sync::COLLECTION_ID, "9");
        e.leaf(air_sync::STATUS, "1");
        within(e, &[air_sync::COMMANDS], |e| {
            for number in 0..300 {
                match number % 5 {
                    0 => mails::mail(e, &mut dice, number, mails::Body::None),
                    1 | 2 => item(e, number, |e| appointment(e, &mut dice, number)),
                    3 => item(e, number, |e| contact(e, &mut dice)),
                    _ => item(e, number, |e| task(e, &mut dice, number)),
                }
            }
        });
    });
}

fn item(encoder: &mut Encoder, number: usize, inside: impl FnOnce(&mut Encoder)) {
    within(encoder, &[air_sync::ADD], |e| {
        e.leaf(air_sync::SERVER_ID, &format!("9:{}", number + 1));
        within(e, &[air_sync::APPLICATION_DATA], inside);
    });
}

fn body(encoder: &mut Encoder, text: &str) {
    within(encoder, &[air_sync_base::BODY], |e| {
        e.leaf(air_sync_base::TYPE, "1");
        e.leaf(air_sync_base::ESTIMATED_DATA_SIZE, &text.len().to_string());
        e.leaf(air_sync_base::DATA, text);
    });
}

fn appointment(encoder: &mut Encoder, dice: &mut Dice, number: usize) {
    let e = encoder;
    e.leaf(calendar::TIMEZONE, &timezone());
    e.leaf(calendar::DT_STAMP, "20261101T080000Z");
    e.leaf(calendar::START_TIME, "20261120T100000Z");
    e.leaf(calendar::END_TIME, "20261120T113000Z");
    e.leaf(calendar::SUBJECT, &words::subject(dice));
    e.leaf(calendar::UID, &format!("{:016x}{:016x}", dice.bits(), dice.bits()));
    let (name, address) = words::person(dice);
    e.leaf(calendar::ORGANIZER_NAME, &name);
    e.leaf(calendar::ORGANIZER_EMAIL, &address);
    within(e, &[air_sync_base::LOCATION], |e| {
        e.leaf(air_sync_base::DISPLAY_NAME, "Pier 3");
        e.leaf(air_sync_base::CITY, "Hafenstadt");
    });
    within(e, &[calendar::ATTENDEES], |e| {
        for _ in 0..2 {
            within(e, &[calendar::ATTENDEE], |e| {
                let (name, address) = words::person(dice);
                e.leaf(calendar::EMAIL, &address);
                e.leaf(calendar::NAME, &name);
                e.leaf(calendar::ATTENDEE_STATUS, "0");
                e.leaf(calendar::ATTENDEE_TYPE, "1");
            });
        }
    });
    if number % 4 == 2 {
        within(e, &[calendar::RECURRENCE], |e| {
            e.leaf(calendar::TYPE, "1");
            e.leaf(calendar::INTERVAL, "2");
            e.leaf(calendar::DAY_OF_WEEK, "18");
        });
        within(e, &[calendar::EXCEPTIONS, calendar::EXCEPTION], |e| {
            e.leaf(calendar::EXCEPTION_START_TIME, "20261204T100000Z");
            e.leaf(calendar::SUBJECT, &words::subject(dice));
            body(e, "In the other hall.\r\n");
            within(e, &[calendar::ATTENDEES, calendar::ATTENDEE], |e| {
                e.leaf(calendar::NAME, &words::person(dice).0);
            });
        });
    }
    body(e, "See you there.\r\n");
    e.leaf(calendar::BUSY_STATUS, "2");
    e.leaf(calendar::ALL_DAY_EVENT, "0");
    e.leaf(calendar::SENSITIVITY, "0");
    e.leaf(calendar::MEETING_STATUS, "1");
    e.leaf(calendar::REMINDER, "15");
    e.leaf(calendar::RESPONSE_REQUESTED, "1");
    within(e, &[calendar::CATEGORIES], |e| e.leaf(calendar::CATEGORY, "Harbour"));
}

fn contact(encoder: &mut Encoder, dice: &mut Dice) {
    let e = encoder;
    let (name, address) = words::person(dice);
    let (given, family) = name.split_once(' ').unwrap_or((&name, ""));
    e.leaf(contacts::FILE_AS, &format!("{family}, {given}"));
    e.leaf(contacts::FIRST_NAME, given);
    e.leaf(contacts::LAST_NAME, family);
    e.leaf(contacts::EMAIL1_ADDRESS, &address);
    e.leaf(contacts::COMPANY_NAME, "Harbour & Sons");
    e.leaf(contacts::JOB_TITLE, "Pilot");
    e.leaf(contacts::BUSINESS_PHONE_NUMBER, &phone(dice));
    e.leaf(contacts::MOBILE_PHONE_NUMBER, &phone(dice));
    e.leaf(contacts::HOME_PHONE_NUMBER, &phone(dice));
    e.leaf(contacts::BUSINESS_ADDRESS_STREET, "Kai 7");
    e.leaf(contacts::BUSINESS_ADDRESS_CITY, "Hafenstadt");
    e.leaf(contacts::BUSINESS_ADDRESS_POSTAL_CODE, "00077");
    e.leaf(contacts::BIRTHDAY, "1980-02-29T00:00:00.000Z");
    e.leaf(contacts2::NICK_NAME, given);
    e.leaf(contacts2::IM_ADDRESS, &address);
    e.leaf(contacts2::MANAGER_NAME, &words::person(dice).0);
    body(e, "Met on the ferry.\r\n");
    e.leaf(air_sync_base::NATIVE_BODY_TYPE, "1");
    within(e, &[contacts::CATEGORIES], |e| {
        e.leaf(contacts::CATEGORY, "Pilots");
        e.leaf(contacts::CATEGORY, "Choir");
    });
    within(e, &[contacts::CHILDREN], |e| e.leaf(contacts::CHILD, &words::person(dice).0));
    e.leaf(contacts::WEB_PAGE, "https://harbour.example/pilots");
    e.leaf(contacts2::COMPANY_MAIN_PHONE, &phone(dice));
    e.leaf(contacts2::CUSTOMER_ID, "77-1209");
}

fn task(encoder: &mut Encoder, dice: &mut Dice, number: usize) {
    let e = encoder;
    e.leaf(tasks::SUBJECT, &words::subject(dice));
    e.leaf(tasks::IMPORTANCE, "1");
    e.leaf(tasks::UTC_START_DATE, &words::date(dice));
    e.leaf(tasks::START_DATE, &words::date(dice));
    e.leaf(tasks::UTC_DUE_DATE, &words::date(dice));
    e.leaf(tasks::DUE_DATE, &words::date(dice));
    body(e, "Before the tide turns.\r\n");
    within(e, &[tasks::CATEGORIES], |e| e.leaf(tasks::CATEGORY, "Harbour"));
    within(e, &[tasks::RECURRENCE], |e| {
        e.leaf(tasks::TYPE, "2");
        e.leaf(tasks::START, &words::date(dice));
        e.leaf(tasks::INTERVAL, "1");
        e.leaf(tasks::DAY_OF_MONTH, "15");
    });
    e.leaf(tasks::COMPLETE, "0");
    e.leaf(tasks::SENSITIVITY, "0");
    e.leaf(tasks::REMINDER_SET, "1");
    e.leaf(tasks::REMINDER_TIME, &words::date(dice));
    within(e, &[air_sync_base::ATTACHMENTS, air_sync_base::ATTACHMENT], |e| {
        e.leaf(air_sync_base::DISPLAY_NAME, "tide.pdf");
        e.leaf(air_sync_base::FILE_REFERENCE, &format!("9:{number}:1"));
        e.leaf(air_sync_base::METHOD, "1");
    });
    e.leaf(email::MESSAGE_CLASS, "IPM.Task");
}

/// A response to Search of the address list; every tenth person has a picture.
pub(super) fn address_list(encoder: &mut Encoder) {
    let mut dice = Dice::new(100);
    search_response(encoder, |e| {
        for number in 0..100_u32 {
            within(e, &[search::RESULT, search::PROPERTIES], |e| {
                let (name, address) = words::person(&mut dice);
                let (given, family) = name.split_once(' ').unwrap_or((&name, ""));
                e.leaf(gal::DISPLAY_NAME, &name);
                e.leaf(gal::PHONE, &phone(&mut dice));
                e.leaf(gal::OFFICE, "Pier 3");
                e.leaf(gal::TITLE, "Pilot");
                e.leaf(gal::COMPANY, "Harbour & Sons");
                e.leaf(gal::ALIAS, address.split('@').next().unwrap_or_default());
                e.leaf(gal::FIRST_NAME, given);
                e.leaf(gal::LAST_NAME, family);
                e.leaf(gal::HOME_PHONE, &phone(&mut dice));
                e.leaf(gal::MOBILE_PHONE, &phone(&mut dice));
                e.leaf(gal::EMAIL_ADDRESS, &address);
                if number.is_multiple_of(10) {
                    within(e, &[gal::PICTURE], |e| {
                        e.leaf(gal::STATUS, "1");
                        e.leaf_opaque(gal::DATA, &dice.bytes(1700));
                    });
                }
            });
        }
        e.leaf(search::RANGE, "0-99");
        e.leaf(search::TOTAL, "100");
    });
}

fn phone(dice: &mut Dice) -> String {
    format!("+49 40 {:07}", dice.below(10_000_000))
}

/// A time zone as the protocol has it: 172 bytes in base64, nearly all of them zero.
fn timezone() -> String {
    format!(
        "xP///{}AACgAAAAUAAwAAAAAAAAAAAAAA{}AAAMAAAAFAAIAAAAAAAAAxP///w==",
        "A".repeat(88),
        "A".repeat(83)
    )
}
