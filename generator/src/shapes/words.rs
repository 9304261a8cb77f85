//! Names, subjects and sentences of people who do not exist.

use crate::Dice;

const GIVEN: [&str; 16] = [
    "Ada", "Bruno", "Chiara", "Dmitri", "Esra", "Farid", "Greta", "Hiro", "Inês", "Jonas", "Kira",
    "Luís", "Mei", "Noor", "Olga", "Pavel",
];
const FAMILY: [&str; 16] = [
    "Almqvist",
    "Bergmann",
    "Castell",
    "Duarte",
    "Engström",
    "Ferrari",
    "Grimaldi",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalska",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
];
const THINGS: [&str; 12] = [
    "the lighthouse",
    "tide tables",
    "our antenna",
    "the night train",
    "invoice 2291",
    "the archive",
    "a new kettle",
    "the quarterly map",
    "the orchard",
    "ferry tickets",
    "the seed bank",
    "bell tower",
];
const VERBS: [&str; 8] = [
    "about",
    "regarding",
    "changes to",
    "question on",
    "minutes of",
    "photos of",
    "news from",
    "no more",
];
const FOLDERS: [&str; 10] = [
    "Projects",
    "Harbour",
    "Invoices",
    "Travel",
    "Archive 2024",
    "Letters",
    "Maps",
    "Choir",
    "Garden",
    "Lists",
];

/// Sentences of one script each.
const WORLD: [&str; 6] = [
    "Die Fähre fährt über das große Wasser, später gibt es Käse und Brötchen für alle. ",
    "Паром уходит в полночь, возьмите с собой тёплую одежду и хорошее настроение. ",
    "渡し船は真夜中に出発します。暖かい服と切符を忘れないでください。",
    "العبارة تغادر عند منتصف الليل، لا تنسوا الملابس الدافئة والتذاكر. ",
    "Το πλοίο φεύγει τα μεσάνυχτα, φέρτε ζεστά ρούχα και καλή διάθεση. ",
    "🚢 नाव आधी रात को निकलती है, गर्म कपड़े साथ लाएँ 🧣 ",
];

/// A person: display name and address.
pub(super) fn person(dice: &mut Dice) -> (String, String) {
    let (given, family) = (dice.pick(&GIVEN), dice.pick(&FAMILY));
    let ascii = |name: &str| name.chars().filter(char::is_ascii).collect::<String>().to_lowercase();
    (format!("{given} {family}"), format!("{}.{}@harbour.example", ascii(given), ascii(family)))
}

/// A person as an address line has it.
pub(super) fn address(dice: &mut Dice) -> String {
    let (name, address) = person(dice);
    format!("\"{name}\" <{address}>")
}

/// A subject.
pub(super) fn subject(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&VERBS), dice.pick(&THINGS))
}

/// The name of a folder.
pub(super) fn folder(id: usize) -> String {
    format!("{}, room {id}", FOLDERS[id % FOLDERS.len()])
}

/// A date in November 2026.
pub(super) fn date(dice: &mut Dice) -> String {
    let (day, hour, minute) = (dice.below(28) + 1, dice.below(24), dice.below(60));
    format!("2026-11-{day:02}T{hour:02}:{minute:02}:00.000Z")
}

/// Plain text of about this many bytes, in lines that end in CRLF.
pub(super) fn text(dice: &mut Dice, len: usize) -> String {
    let mut out = String::with_capacity(len + 100);
    while out.len() < len {
        let (who, _) = person(dice);
        for part in [&who, " wrote ", &subject(dice), " and asks for an answer.\r\n"] {
            out.push_str(part);
        }
    }
    out
}

/// Text of many scripts of about this many bytes, in paragraphs that end in CRLF.
pub(super) fn world(dice: &mut Dice, len: usize) -> String {
    let mut out = String::with_capacity(len + 400);
    while out.len() < len {
        let sentence = dice.pick(&WORLD);
        for _ in 0..=dice.below(3) {
            out.push_str(sentence);
        }
        out.push_str("\r\n");
    }
    out
}

/// A MIME message of about this many bytes: a letter and an attachment in base64, 76 letters a line.
pub(super) fn mime(dice: &mut Dice, len: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(len + 100);
    out.push_str("From: harbour@harbour.example\r\nMIME-Version: 1.0\r\n");
    out.push_str("Content-Type: multipart/mixed; boundary=\"tide\"\r\n\r\n--tide\r\n\r\n");
    out.push_str(&text(dice, 1000));
    out.push_str("--tide\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    while out.len() < len {
        for _ in 0..8 {
            let mut bits = dice.bits();
            for _ in 0..10 {
                let letter = usize::try_from(bits & 0x3F).unwrap_or(0);
                out.push(char::from(LETTERS[letter]));
                bits >>= 6;
            }
        }
        // 80 letters were drawn: a line is 76.
        out.truncate(out.len() - 4);
        out.push_str("\r\n");
    }
    out.push_str("--tide--\r\n");
    out
}
