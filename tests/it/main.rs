//! The commands as a person types them. One test program with modules: each further file under
//! `tests/` would be one more program to link.

mod decode;
mod encode;
mod frame;
mod hostile;
mod hunt;
mod readme;
mod samples;
mod serve;
mod shell;
mod support;
