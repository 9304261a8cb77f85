//! Server logs and captures into ActiveSync requests and responses.
