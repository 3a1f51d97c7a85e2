//! Ports that fail at the n-th call: see [`shared::faulty`].

pub use shared::faulty::*;
