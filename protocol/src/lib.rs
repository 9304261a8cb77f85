//! MS-ASCMD and MS-ASHTTP as types, and the history of what happened.
