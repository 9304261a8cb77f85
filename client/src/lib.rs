//! Sans-IO Exchange ActiveSync client.
