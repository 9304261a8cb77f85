//! What must hold, per operation and document.

/// What ours is held against.
#[derive(Clone, Copy, Debug)]
pub enum Than {
    /// At most so many times the time of a floor of the same group.
    Floor(&'static str, f64),
    /// At most so much time.
    Nanoseconds(f64),
}

impl Than {
    /// The figure.
    pub const fn most(self) -> f64 {
        match self {
            Self::Floor(_, most) | Self::Nanoseconds(most) => most,
        }
    }
}

/// A distance to a floor that must hold.
#[derive(Clone, Copy, Debug)]
pub struct FloorTarget {
    /// The group.
    pub group: &'static str,
    /// Which of ours.
    pub ours: &'static str,
    /// The documents.
    pub documents: &'static [&'static str],
    /// The floor and the distance.
    pub than: Than,
}

const TAG_HEAVY: &[&str] = &["d", "f", "g", "h"];

/// Distances to the floors.
pub const FLOORS: &[FloorTarget] = &[
    row("decode_events", "ours", TAG_HEAVY, Than::Floor("floor/walk", 2.0)),
    row("decode_events", "ours", &["i"], Than::Floor("floor/nul_scan+simdutf8", 1.6)),
    row("decode_events", "ours", &["e1"], Than::Nanoseconds(1000.0)),
    row("decode_events", "ours", &["e2"], Than::Floor("floor/memcpy", 1.0)),
    row("decode_tree", "ours", &["e1", "e2"], Than::Floor("floor/memcpy", 1.5)),
    row("encode_events", "ours, buffer reused", &["e1", "e2"], Than::Floor("floor/memcpy", 1.6)),
    row("encode_tree", "ours, buffer reused", &["e1", "e2"], Than::Floor("floor/memcpy", 1.6)),
];

const fn row(
    group: &'static str,
    ours: &'static str,
    documents: &'static [&'static str],
    than: Than,
) -> FloorTarget {
    FloorTarget { group, ours, documents, than }
}

/// How many times faster than libwbxml an operation must be; nothing where the floor says it.
///
/// Owned tree and, into a reused buffer, XML on tag-heavy documents have the higher figures that
/// were set as a goal.
pub fn times_libwbxml(group: &str, ours: &str, document: &str) -> Option<f64> {
    by_document(
        document,
        match (group, ours) {
            ("decode_xml", "ours, buffer reused") => [0.0, 0.0, 28.0, 0.0, 0.0, 0.0],
            (_, "ours, buffer reused") => return None,
            ("decode_events", _) => [15.0, 12.0, 12.0, 2.0, 0.0, 3.0],
            ("decode_tree", _) => [15.0, 15.0, 35.0, 2.5, 0.0, 0.0],
            ("decode_xml", _) => [15.0, 20.0, 15.0, 25.0, 30.0, 30.0],
            ("encode_events" | "encode_tree", _) => [9.0, 8.0, 7.0, 4.0, 0.0, 0.0],
            ("encode_xml", _) => [7.0, 5.0, 5.0, 1.5, 5.0, 5.0],
            _ => return None,
        },
    )
}

/// How many times faster than libwbxml an operation is meant to become.
pub fn goal_libwbxml(group: &str, ours: &str, document: &str) -> Option<f64> {
    by_document(
        document,
        match (group, ours) {
            ("decode_xml", "ours, buffer reused") => [25.0, 32.0, 28.0, 40.0, 60.0, 60.0],
            ("decode_xml", _) | (_, "ours, buffer reused") => return None,
            ("decode_events", _) => [22.0, 18.0, 18.0, 2.5, 0.0, 0.0],
            ("decode_tree", _) => [25.0, 28.0, 35.0, 3.5, 0.0, 0.0],
            ("encode_events" | "encode_tree", _) => [13.0, 11.0, 10.0, 6.0, 0.0, 0.0],
            ("encode_xml", _) => [25.0, 18.0, 17.0, 25.0, 17.0, 17.0],
            _ => return None,
        },
    )
}

/// The figure for a document, of those for small, mail, tag-heavy, non-ASCII, 5 MB opaque and
/// 5 MB inline; zero stands for none.
fn by_document(document: &str, row: [f64; 6]) -> Option<f64> {
    let column = match document {
        "a" | "b" => 0,
        "c" => 1,
        "d" | "f" | "g" | "h" => 2,
        "i" => 3,
        "e1" => 4,
        "e2" => 5,
        _ => return None,
    };
    Some(row[column]).filter(|times| *times > 0.0)
}

/// How many instructions per token an operation may take.
pub fn instructions_per_token(operation: &str, document: &str) -> Option<u64> {
    match (operation, document) {
        ("decode events", "a" | "d" | "g") => Some(75),
        ("decode events", "c") => Some(90),
        _ => None,
    }
}
