//! Sans-IO reference Exchange ActiveSync server and its planted defects.
